// "@" in a note offers the names of colleagues: arrows and Enter choose, Escape closes. Typed in full it works without.
window.zencrm.mention = (area) => {
  if (area.dataset.ready) return;
  area.dataset.ready = "1";
  const box = document.createElement("div");
  Object.assign(box, { className: "dropdown-menu", id: `${area.id}_people` });
  box.setAttribute("role", "listbox");
  area.parentNode.classList.add("position-relative");
  area.after(box);
  area.setAttribute("aria-controls", box.id);
  const start = () => area.value.slice(0, area.selectionStart).match(/(?:^|[^\w.@])@([\w.+-]*)$/);
  const close = () => box.classList.remove("show");
  const choose = (option) => {
    const end = area.selectionStart;
    const from = end - start()[1].length;
    area.setRangeText(`${option.dataset.username} `, from, end, "end");
    close();
    area.focus();
  };
  let asked = 0;
  area.addEventListener("input", async () => {
    const found = start();
    box.replaceChildren(); // names for what stood here a letter ago
    close();
    const turn = ++asked;
    if (!found) return;
    const answer = await fetch(`${area.dataset.mention}?q=${encodeURIComponent(found[1])}`).catch(() => null);
    if (turn !== asked || !answer || !answer.ok) return;
    const names = await answer.text();
    if (turn !== asked) return;
    box.innerHTML = names; // written, and escaped, by our own server
    box.classList.toggle("show", box.children.length > 0);
  });
  area.addEventListener("keydown", (e) => {
    if (!box.classList.contains("show")) return;
    if (e.key === "Escape") return close();
    if (e.key !== "ArrowDown" && e.key !== "Enter" && e.key !== "Tab") return;
    e.preventDefault();
    e.key === "ArrowDown" ? box.firstElementChild.focus() : choose(box.firstElementChild);
  });
  box.addEventListener("keydown", (e) => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[e.key];
    if (e.key === "Escape") return close(), area.focus();
    if (!step) return;
    e.preventDefault();
    (e.target[step] || area).focus();
  });
  box.addEventListener("click", (e) => e.target.closest("[data-username]") && choose(e.target.closest("[data-username]")));
  area.addEventListener("blur", () => setTimeout(() => box.contains(document.activeElement) || close(), 150));
};
