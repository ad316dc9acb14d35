// The frame's behaviour. Everything here improves a page that works without it.
(() => {
  const script = document.currentScript;
  const root = document.documentElement;
  const on = (event, selector, handler) =>
    document.addEventListener(event, (e) => {
      const target = e.target.closest && e.target.closest(selector);
      if (target) handler(e, target);
    });

  // --- Modules that only some pages need, fetched when their element appears (also inside htmx fragments).
  const parts = {
    "[data-picker]": ["tomStyle", "tomSelect", "picker"],
    "[data-board]": ["sortable", "board"],
    "[data-lines]": ["sortable", "lines"],
    "[data-chooser]": ["sortable", "chooser"],
    "[data-chart]": ["echarts", "chart"],
    "[data-signature]": ["signature", "sign"],
    "[data-mention]": ["mention"],
  };
  const loaded = {};
  const load = (name) =>
    (loaded[name] ||= new Promise((done, failed) => {
      const url = script.dataset[name];
      const style = url.split("?")[0].endsWith(".css");
      const element = document.createElement(style ? "link" : "script");
      Object.assign(element, style ? { rel: "stylesheet", href: url } : { src: url });
      element.onload = done;
      element.onerror = failed;
      document.head.append(element);
    }));
  const enhance = async (node) => {
    for (const [selector, names] of Object.entries(parts)) {
      const found = [...node.querySelectorAll(selector)];
      if (node.matches && node.matches(selector)) found.unshift(node);
      if (!found.length) continue;
      for (const name of names) await load(name);
      found.forEach((element) => window.zencrm[names.at(-1)](element));
    }
  };
  window.zencrm = { on, toast, load };

  // --- Toasts: from the server in the page, from an htmx answer in HX-Trigger, or from a script.
  function toast(text, tone = "info") {
    const template = document.getElementById("toast-template");
    const box = template.content.firstElementChild.cloneNode(true);
    box.dataset.tone = tone;
    box.querySelector(".toast-body").textContent = text;
    document.getElementById("toasts").append(box);
    show(box);
  }
  const show = (box) => {
    box.addEventListener("hidden.bs.toast", () => box.remove());
    tabler.Toast.getOrCreateInstance(box, { delay: box.dataset.tone === "danger" ? 12000 : 5000 }).show();
  };
  document.addEventListener("toast", (e) => toast(e.detail.text, e.detail.tone));

  // --- Forms: a double click submits once; the button shows that work goes on.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method === "dialog" || e.defaultPrevented) return;
    if (form.dataset.sent) return e.preventDefault();
    if (form.matches("[hx-post],[hx-get]")) return;
    if (form.method !== "post") return;
    form.dataset.sent = "1";
    const button = e.submitter;
    if (button) button.classList.add("is-working");
    // A download or a cancelled navigation leaves the page: make the form usable again.
    setTimeout(() => release(form), 8000);
  });
  const release = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll(".is-working").forEach((b) => b.classList.remove("is-working"));
  };
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  on("change", "[data-submit-on-change]", (_, field) => field.form.requestSubmit());

  // A file that is too large is refused before it is sent.
  on("change", "[data-most-bytes]", (_, field) => {
    const large = [...field.files].some((file) => file.size > Number(field.dataset.mostBytes));
    field.classList.toggle("is-invalid", large);
    field.parentElement.querySelectorAll("[data-refused]").forEach((n) => n.remove());
    if (!large) return;
    field.value = "";
    const text = Object.assign(document.createElement("div"), { className: "invalid-feedback", textContent: field.dataset.tooLarge });
    text.dataset.refused = "1";
    text.role = "alert";
    field.after(text);
  });

  // A form with unsaved words asks before it is left.
  let dirty = false;
  on("input", "form[data-guard]", () => (dirty = true));
  document.addEventListener("submit", () => (dirty = false));
  window.addEventListener("beforeunload", (e) => dirty && e.preventDefault());

  // --- Keys: Ctrl-K or "/" to the search box; "?" lists the keys.
  document.addEventListener("keydown", (e) => {
    const typing = e.target.matches("input,textarea,select,[contenteditable]");
    const search = document.getElementById("search");
    if (search && (((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") || (e.key === "/" && !typing))) {
      e.preventDefault();
      search.focus();
      search.select();
    }
    if ((e.ctrlKey || e.metaKey) && e.key === "Enter" && e.target.form) e.target.form.requestSubmit();
  });

  // --- Search results: arrows walk, Escape closes.
  const results = document.getElementById("search-results");
  if (results) {
    const box = document.getElementById("search");
    const links = () => [...results.querySelectorAll("a")];
    const close = () => results.replaceChildren();
    document.addEventListener("click", (e) => !e.target.closest("#search-form") && close());
    document.getElementById("search-form").addEventListener("keydown", (e) => {
      if (e.key === "Escape") return close(), box.blur();
      if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
      const all = links();
      if (!all.length) return;
      e.preventDefault();
      const next = all.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1);
      next < 0 ? box.focus() : all[Math.min(next, all.length - 1)].focus();
    });
  }

  // --- The modal: any element with data-modal gets its content from the server.
  const modal = document.getElementById("modal");
  document.addEventListener("htmx:afterSwap", (e) => {
    if (modal && e.detail.target.id === "modal-content" && modal.querySelector("#modal-content").children.length)
      tabler.Modal.getOrCreateInstance(modal).show();
  });
  if (modal)
    modal.addEventListener("shown.bs.modal", () => {
      const first = modal.querySelector("[autofocus],.is-invalid,input:not([type=hidden]),select,textarea");
      if (first) first.focus();
    });

  // --- htmx: 4xx answers with a page are shown, not swallowed; a lost connection says so.
  document.addEventListener("htmx:beforeSwap", (e) => {
    const status = e.detail.xhr.status;
    if (status === 409 || status === 422) {
      e.detail.shouldSwap = true;
      e.detail.isError = false;
    }
  });
  const messages = root.dataset;
  document.addEventListener("htmx:sendError", () => toast(messages.offline, "danger"));
  document.addEventListener("htmx:responseError", (e) => {
    const text = e.detail.xhr.getResponseHeader("X-Message");
    toast(text ? decodeURIComponent(text) : `${messages.failed} (${e.detail.xhr.status})`, "danger");
  });

  // --- Tick boxes of a list: the bar of bulk acts appears with a count.
  on("change", "[data-tick],[data-tick-all]", (e, field) => {
    const list = field.closest("[data-bulk]");
    if (field.matches("[data-tick-all]")) list.querySelectorAll("[data-tick]").forEach((t) => (t.checked = field.checked));
    const count = list.querySelectorAll("[data-tick]:checked").length;
    list.querySelector("[data-bulk-bar]").hidden = !count;
    list.querySelector("[data-bulk-count]").textContent = count;
  });

  on("click", "[data-print]", () => window.print());
  on("click", "[data-copy]", (_, b) => navigator.clipboard.writeText(b.dataset.copy).then(() => toast(b.dataset.copied)));

  const start = (node) => {
    enhance(node);
    node.querySelectorAll('[data-bs-toggle="popover"]').forEach((n) => tabler.Popover.getOrCreateInstance(n));
  };
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".toast[data-show]").forEach(show);
    start(document.body);
  });
  document.addEventListener("htmx:load", (e) => start(e.detail.elt));
})();
