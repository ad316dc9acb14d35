// A signature drawn with finger, pen or mouse, posted as a PNG data address in a hidden field.
window.zencrm.sign = (box) => {
  if (box.dataset.ready) return;
  box.dataset.ready = "1";
  const canvas = box.querySelector("canvas");
  const field = box.querySelector("input[type=hidden]");
  const pad = new SignaturePad(canvas, { penColor: "#182433" });
  const fit = () => {
    const drawn = pad.toData();
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    pad.fromData(drawn);
  };
  pad.addEventListener("endStroke", () => (field.value = pad.toDataURL("image/png")));
  box.querySelector("[data-clear]").addEventListener("click", () => (pad.clear(), (field.value = "")));
  new ResizeObserver(fit).observe(canvas);
};
