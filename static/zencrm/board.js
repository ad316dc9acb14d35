// Drag and drop calls the act; a refused move snaps back and says why. The menu on each card does the same by keyboard.
window.zencrm.board = (board) => {
  if (board.dataset.ready) return;
  board.dataset.ready = "1";
  const token = () => board.dataset.token;
  const back = (event) => event.from.insertBefore(event.item, event.from.children[event.oldIndex] || null);
  const recount = (column, step) => {
    const count = column.closest("[data-column]").querySelector("[data-count]");
    if (count && /^\d+$/.test(count.textContent.trim())) count.textContent = Number(count.textContent) + step;
  };
  // What a column says of all its cards has 0 in the place of the card's id.
  const of = (card, address) => address.replace("/0/", `/${card.dataset.card}/`);
  const move = async (event) => {
    if (event.from === event.to) return;
    const target = event.to.closest("[data-column]").dataset.column;
    const act = JSON.parse(event.from.closest("[data-column]").dataset.moves)[target];
    if (!act) {
      back(event);
      return window.zencrm.toast(board.dataset.impossible, "danger");
    }
    if (act.form) {
      back(event);
      return htmx.ajax("GET", of(event.item, act.url), { target: "#modal-content" });
    }
    const answer = await fetch(of(event.item, act.url), {
      method: "POST",
      headers: { "X-CSRFToken": token(), Accept: "application/json" },
    }).catch(() => null);
    if (answer && answer.ok) {
      const data = await answer.json();
      recount(event.from, -1);
      recount(event.to, 1);
      return window.zencrm.toast(data.message, "success");
    }
    back(event);
    const data = answer ? await answer.json().catch(() => ({})) : {};
    window.zencrm.toast((data.reasons || [board.dataset.failed]).join(" "), "danger");
  };
  // The cards further down come when somebody scrolls that far; none comes twice, wherever it was dragged meanwhile.
  const further = new IntersectionObserver(
    (links) => links.filter((link) => link.isIntersecting).forEach(async ({ target: link }) => {
      further.unobserve(link);
      const answer = await fetch(link.dataset.rest).catch(() => null);
      if (!answer || !answer.ok) return;
      const found = document.createElement("template");
      found.innerHTML = await answer.text();
      const shown = new Set([...board.querySelectorAll("[data-card]")].map((card) => card.dataset.card));
      const cards = [...found.content.querySelectorAll("[data-card]")];
      const column = link.closest("[data-column]").querySelector("[data-cards]");
      column.append(...cards.filter((card) => !shown.has(card.dataset.card)));
      if (cards.length < link.dataset.most) link.remove();
    }),
    { rootMargin: "200px" },
  );
  board.querySelectorAll("[data-rest]").forEach((link) => further.observe(link));
  board.addEventListener("show.bs.dropdown", (event) => {
    const card = event.target.closest("[data-card]");
    if (!card) return;
    const menu = card.querySelector(".dropdown-menu");
    const acts = card.closest("[data-column]").querySelector("[data-menu]");
    menu.replaceChildren(...(acts ? [acts.content.cloneNode(true)] : []));
    for (const name of ["href", "action", "hx-get"])
      for (const act of menu.querySelectorAll(`[${name}]`)) act.setAttribute(name, of(card, act.getAttribute(name)));
    htmx.process(menu);
  });
  board.querySelectorAll("[data-cards]").forEach((column) =>
    Sortable.create(column, { group: "board", animation: 120, draggable: "[data-card]", delay: 120, delayOnTouchOnly: true, filter: "button,.dropdown-menu", preventOnFilter: false, onEnd: move }),
  );
};
