// The week's grid: arrow keys and Enter move between cells, sums follow what is typed (the server counts again on saving).
(() => {
  const hours = (text) => {
    const clock = text.trim().match(/^(\d{1,2}):([0-5]\d)$/);
    return clock ? Number(clock[1]) + Number(clock[2]) / 60 : Number(text.trim().replace(",", ".")) || 0;
  };
  const start = (grid) => {
    const written = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    const rows = [...grid.querySelectorAll("[data-row]")].map((row) => [...row.querySelectorAll("[data-cell]")]);
    const days = [...grid.querySelectorAll("[data-day]")];
    const add = () => {
      rows.forEach((cells) => {
        const sum = cells.reduce((total, cell) => total + hours(cell.value), 0);
        cells[0].closest("[data-row]").querySelector("[data-sum]").textContent = written.format(sum);
      });
      let week = 0;
      days.forEach((place, day) => {
        const sum = rows.reduce((total, cells) => total + hours(cells[day].value), 0);
        place.textContent = written.format(sum);
        place.classList.toggle("text-danger", sum > 24);
        week += sum;
      });
      grid.querySelector("[data-week] strong").textContent = written.format(week);
    };
    const go = (row, day, down, right) => {
      let cell;
      do {
        row += down;
        day += right;
        cell = rows[row] && rows[row][day];
      } while (cell && cell.disabled);
      if (cell) {
        cell.focus();
        cell.select();
      }
    };
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };
    grid.addEventListener("keydown", (e) => {
      const step = steps[e.key];
      const row = rows.findIndex((cells) => cells.includes(e.target));
      if (!step || row < 0 || e.ctrlKey || e.metaKey || e.altKey) return;
      // Inside a longer text the arrows move the cursor first.
      const end = e.key === "ArrowLeft" ? e.target.selectionStart : e.target.value.length - e.target.selectionEnd;
      const all = e.target.selectionEnd - e.target.selectionStart === e.target.value.length;
      if (step[1] && end && !all) return;
      e.preventDefault();
      go(row, rows[row].indexOf(e.target), ...step);
    });
    grid.addEventListener("input", add);
    grid.addEventListener("focusin", (e) => e.target.matches("[data-cell]") && e.target.select());
  };
  document.querySelectorAll("[data-timesheet]").forEach(start);
})();
