// Drag and drop calls the act; a refused move snaps back and says why. The menu on each card does the same by keyboard.
window.zencrm.board = (board) => {
  const token = () => board.dataset.token;
  const back = (event) => event.from.insertBefore(event.item, event.from.children[event.oldIndex] || null);
  const recount = (column, step) => {
    const count = column.closest("[data-column]").querySelector("[data-count]");
    if (count && /^\d+$/.test(count.textContent.trim())) count.textContent = Number(count.textContent) + step;
  };
  const move = async (event) => {
    if (event.from === event.to) return;
    const target = event.to.closest("[data-column]").dataset.column;
    const moves = JSON.parse(event.item.dataset.moves);
    const act = moves[target];
    if (!act) {
      back(event);
      return window.zencrm.toast(board.dataset.impossible, "danger");
    }
    if (act.form) {
      back(event);
      return htmx.ajax("GET", act.url, { target: "#modal-content" });
    }
    const answer = await fetch(act.url, {
      method: "POST",
      headers: { "X-CSRFToken": token(), Accept: "application/json" },
    }).catch(() => null);
    if (answer && answer.ok) {
      const data = await answer.json();
      recount(event.from, -1);
      recount(event.to, 1);
      event.item.dataset.moves = JSON.stringify(data.moves);
      return window.zencrm.toast(data.message, "success");
    }
    back(event);
    const data = answer ? await answer.json().catch(() => ({})) : {};
    window.zencrm.toast((data.reasons || [board.dataset.failed]).join(" "), "danger");
  };
  board.querySelectorAll("[data-cards]").forEach((column) =>
    Sortable.create(column, { group: "board", animation: 120, draggable: "[data-moves]", delay: 120, delayOnTouchOnly: true, filter: "button,.dropdown-menu", preventOnFilter: false, onEnd: move }),
  );
};
