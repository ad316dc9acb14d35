// The admin's searching selects carry the name of their field, for those who do not see the label beside them.
(() => {
  const name = () =>
    document.querySelectorAll("select.select2-hidden-accessible").forEach((select) => {
      const label = select.labels[0];
      const box = select.nextElementSibling;
      if (!label || !box) return;
      label.id ||= `${select.id}_label`;
      const shown = box.querySelector(".select2-selection__rendered");
      shown?.setAttribute("aria-labelledby", label.id);
      box.querySelector(".select2-selection")?.setAttribute("aria-labelledby", [label.id, shown?.id].filter(Boolean).join(" "));
    });
  // After the library's own handlers of the same events; jQuery may call its own after the page's.
  window.addEventListener("load", () => window.django?.jQuery?.(() => setTimeout(name)));
  document.addEventListener("formset:added", () => setTimeout(name));
})();
