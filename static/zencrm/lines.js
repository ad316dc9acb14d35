// Document lines: add, remove, reorder. Totals and prices always come from the server, never from arithmetic here.
window.zencrm.lines = (editor) => {
  if (editor.dataset.ready) return;
  editor.dataset.ready = "1";
  const body = editor.querySelector("[data-rows]");
  const total = editor.querySelector("[name$=-TOTAL_FORMS]");
  const rows = () => [...body.querySelectorAll("[data-row]:not([hidden])")];
  const changed = () => editor.dispatchEvent(new Event("lines-changed"));
  const renumber = () => {
    rows().forEach((row, index) => (row.querySelector("[name$=-ORDER]").value = index + 1));
    changed();
  };
  const add = () => {
    const html = editor.querySelector("[data-empty-row]").innerHTML.replaceAll("__prefix__", total.value);
    body.insertAdjacentHTML("beforeend", html);
    total.value = Number(total.value) + 1;
    const row = body.lastElementChild;
    htmx.process(row);
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: row } }));
    renumber();
    const first = row.querySelector("input:not([type=hidden],[type=checkbox]),select,textarea");
    if (first) first.focus();
  };
  const move = (button, row) => {
    const all = rows();
    const step = Number(button.dataset.move);
    const place = all.indexOf(row) + step;
    if (place < 0 || place >= all.length) return;
    step < 0 ? all[place].before(row) : all[place].after(row);
    renumber();
    button.focus();
  };
  const remove = (row) => {
    row.querySelector("[name$=-DELETE]").checked = true;
    row.hidden = true;
    renumber();
    editor.querySelector("[data-add-row]")?.focus();
  };
  editor.addEventListener("click", (e) => {
    const row = e.target.closest("[data-row]");
    const button = e.target.closest("[data-move]");
    if (e.target.closest("[data-add-row]")) add();
    else if (row && button) move(button, row);
    else if (row && e.target.closest("[data-remove-row]")) remove(row);
  });
  editor.addEventListener("change", (e) => e.target.closest("[data-row]") && changed());
  // A chosen product fills its row.
  editor.addEventListener("picked", (e) => {
    const row = e.target.closest("[data-row]");
    if (!row || !e.target.name.endsWith("-product") || !e.target.value) return;
    const values = { ...Object.fromEntries(new FormData(editor.closest("form"))), _row: row.dataset.prefix.split("-").pop() };
    htmx.ajax("POST", editor.getAttribute("hx-post"), { target: row, swap: "outerHTML", values, source: document.body }).then(() => {
      changed();
      // The field that had the focus is gone with the old row: on to the quantity, unless work goes on elsewhere.
      if (document.activeElement === document.body) body.querySelector(`[data-prefix="${row.dataset.prefix}"] [name$=-quantity]`)?.select();
    });
  });
  Sortable.create(body, { handle: "[data-handle]", animation: 120, draggable: "[data-row]", onEnd: renumber });
};
