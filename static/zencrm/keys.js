// Letters press what carries them in data-key; g and a letter open a page of the menu. Ctrl-K is ui.js's. See core/keys.py.
(() => {
  const FIELDS = "input,textarea,select,[contenteditable],.ts-control";
  const shown = (element) => element.checkVisibility();
  let leading = 0;

  const press = (element) => (element.matches("input,textarea") ? element.focus() : element.click());

  // --- Rows of a list, cards of a board: the link of each is where the focus goes.
  const rows = () => [...document.querySelectorAll("main tbody tr, main .board-card")].filter((row) => row.querySelector("a") && shown(row));
  const walk = (step) => {
    const all = rows();
    const here = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.max(0, Math.min(here < 0 ? 0 : here + step, all.length - 1))];
    if (next) next.querySelector("a").focus();
  };
  const tick = () => {
    const row = rows().find((one) => one.contains(document.activeElement));
    const box = row && row.querySelector("[data-tick]");
    if (box) box.click();
  };
  const acts = { j: () => walk(1), k: () => walk(-1), x: tick };

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || document.documentElement.dataset.letters === "off") return;
    if (e.key === "Escape" && e.target.matches("input,textarea") && !e.target.closest(".modal,#search-form")) return e.target.blur();
    if (e.target.closest(FIELDS) && !e.target.matches("[type=checkbox],[type=radio]")) return;
    if (document.querySelector(".modal.show,.dropdown-menu.show")) return;
    const led = Date.now() - leading < 1500;
    leading = 0;
    if (e.key === "g" && !led) return void (leading = Date.now());
    const name = CSS.escape(e.key);
    const found = document.querySelector(led ? `nav [data-go="${name}"]` : `[data-key="${name}"]`);
    const act = found ? () => press(found) : !led && acts[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  });
})();
