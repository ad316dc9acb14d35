// Charts from JSON in the page. Every chart has its table beside it; every bar may open its rows.
window.zencrm.chart = (element) => {
  if (element.dataset.ready) return;
  element.dataset.ready = "1";
  const source = document.getElementById(element.dataset.chart);
  const root = document.documentElement;
  const option = JSON.parse(source.textContent);
  const locale = root.lang;
  const format = (value) => (typeof value === "number" ? value.toLocaleString(locale) : value);
  for (const axis of [option.xAxis, option.yAxis]) {
    if (axis?.type === "value") axis.axisLabel = { ...axis.axisLabel, formatter: format };
  }
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  let chart;
  const draw = () => {
    if (chart) chart.dispose();
    const dark = root.dataset.bsTheme === "dark";
    chart = echarts.init(element, dark ? "dark" : null, { renderer: "svg" });
    chart.setOption({
      backgroundColor: "transparent",
      color: ["--tblr-primary", "--tblr-teal", "--tblr-orange", "--tblr-purple", "--tblr-yellow", "--tblr-pink"].map(colour),
      // The font's own name: words are measured on a canvas, which knows no "inherit", and would overlap.
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      aria: { enabled: true },
      grid: { left: 28, right: 28, top: 32, bottom: 8, containLabel: true },
      ...option,
      // Text mode: an HTML tooltip would need inline styles, which the Content-Security-Policy forbids.
      tooltip: { trigger: "item", renderMode: "richText", valueFormatter: format, ...option.tooltip },
    });
    chart.on("click", (e) => {
      const url = (e.data && e.data.url) || (option.links || [])[e.dataIndex];
      if (url && url.startsWith("/")) location.assign(url);
    });
  };
  draw();
  new ResizeObserver(() => chart.resize()).observe(element);
  new MutationObserver(draw).observe(root, { attributeFilter: ["data-bs-theme"] });
};
