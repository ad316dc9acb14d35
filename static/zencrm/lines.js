// Document lines: add, remove, reorder. Totals always come from the server (htmx), never from arithmetic here.
window.zencrm.lines = (editor) => {
  if (editor.dataset.ready) return;
  editor.dataset.ready = "1";
  const body = editor.querySelector("[data-rows]");
  const total = editor.querySelector("[name$=-TOTAL_FORMS]");
  const changed = () => editor.dispatchEvent(new Event("lines-changed", { bubbles: true }));
  const renumber = () =>
    [...body.querySelectorAll("[data-row]:not([hidden])")].forEach((row, index) => {
      const place = row.querySelector("[name$=-ORDER]");
      if (place) place.value = index + 1;
    });
  const add = () => {
    const html = editor.querySelector("[data-empty-row]").innerHTML.replaceAll("__prefix__", total.value);
    body.insertAdjacentHTML("beforeend", html);
    total.value = Number(total.value) + 1;
    const row = body.lastElementChild;
    htmx.process(row);
    row.querySelectorAll("[data-picker]").forEach(window.zencrm.picker || (() => window.zencrm.load("tomSelect").then(() => window.zencrm.load("picker")).then(() => row.querySelectorAll("[data-picker]").forEach(window.zencrm.picker))));
    renumber();
    const first = row.querySelector("select,input:not([type=hidden]),textarea");
    if (first) first.focus();
  };
  editor.addEventListener("click", (e) => {
    if (e.target.closest("[data-add-row]")) add();
    const step = e.target.closest("[data-move]");
    const row = e.target.closest("[data-row]");
    if (step && row) {
      const rows = [...body.querySelectorAll("[data-row]:not([hidden])")];
      const place = rows.indexOf(row) + Number(step.dataset.move);
      if (place >= 0 && place < rows.length) {
        Number(step.dataset.move) < 0 ? rows[place].before(row) : rows[place].after(row);
        renumber();
        step.focus();
      }
    }
    if (e.target.closest("[data-remove-row]")) {
      const tick = row.querySelector("[name$=-DELETE]");
      tick.checked = true;
      tick.value = "on";
      row.hidden = true;
      renumber();
      changed();
    }
  });
  editor.addEventListener("change", (e) => e.target.closest("[data-row]") && changed());
  Sortable.create(body, { handle: "[data-handle]", animation: 120, draggable: "[data-row]", onEnd: () => (renumber(), changed()) });
};
