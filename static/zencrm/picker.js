// A field that searches on the server. Without script it is a plain select of the first rows.
window.zencrm.picker = (element) => {
  if (element.tomselect) return;
  const words = element.dataset;
  const url = words.picker;
  element.setAttribute("aria-hidden", "true"); // the visible box has the label
  new TomSelect(element, {
    valueField: "id",
    labelField: "text",
    searchField: [],
    maxOptions: 50,
    preload: "focus",
    dropdownParent: element.closest(".lines") ? "body" : null,
    plugins: element.multiple ? ["remove_button"] : element.required ? [] : ["clear_button"],
    shouldLoad: () => Boolean(url),
    load(query, done) {
      if (!element.isConnected) return; // typed into a row that has been replaced meanwhile
      fetch(`${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : { results: [] }))
        .then((data) => {
          if (!element.isConnected) return;
          this.clearOptions((o) => this.items.includes(String(o.id)));
          done(data.results);
        })
        .catch(() => element.isConnected && done());
    },
    render: {
      option: (data, escape) =>
        `<div>${escape(data.text)}${data.hint ? `<small class="picker-hint">${escape(data.hint)}</small>` : ""}</div>`,
      no_results: () => `<div class="no-results">${words.none || ""}</div>`,
    },
    onChange() {
      element.dispatchEvent(new Event("picked", { bubbles: true }));
    },
  });
};
// A list that hangs on the body must not outlive its field.
document.addEventListener("htmx:beforeCleanupElement", (e) => e.target.tomselect?.destroy());
