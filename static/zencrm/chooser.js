// Order of columns: the arrows move a line at once, and lines can be dragged. Without this script the arrows ask the server.
window.zencrm.chooser = (list) => {
  if (list.dataset.ready) return;
  list.dataset.ready = "1";
  list.addEventListener("click", (e) => {
    const button = e.target.closest("[data-step]");
    if (!button) return;
    e.preventDefault();
    const row = button.closest("[data-row]");
    const other = button.dataset.step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    button.dataset.step < 0 ? other.before(row) : other.after(row);
    button.focus();
  });
  Sortable.create(list, { handle: "[data-handle]", animation: 120, draggable: "[data-row]" });
};
