// The report's own script: theme, tables that sort and are searched, the map of test images, the training curves.
"use strict";
const all = (query, within = document) => [...within.querySelectorAll(query)];
const data = (id) => { const held = document.getElementById(id); return held && JSON.parse(held.textContent); };
const make = (tag, text = "") => Object.assign(document.createElement(tag), { textContent: text });

function switchTheme() {
  const root = document.documentElement, button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const label = () => { button.textContent = isDark() ? "Light colours" : "Dark colours"; };
  button.hidden = false;
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; label(); });
  dark.addEventListener("change", label);
  label();
}

// "63.1 % (58.0 to 68.2)" -> 63.1; a dash, or words, -> NaN
const number = (text) => parseFloat(text.replace("\u2212", "-"));

function sortBy(table, column, heads) {
  const body = table.tBodies[0], rows = [...body.rows], head = heads[column];
  const falling = head.getAttribute("aria-sort") === "ascending";
  const text = new Map(rows.map((row) => [row, row.cells[column].innerText.trim()]));
  const known = (row) => !["", "\u2013", "not tested"].includes(text.get(row));
  const numeric = rows.every((row) => !known(row) || !isNaN(number(text.get(row))));
  const compare = numeric
    ? (a, b) => number(text.get(a)) - number(text.get(b))
    : (a, b) => text.get(a).localeCompare(text.get(b));
  rows.sort((a, b) => known(b) - known(a) || (known(a) ? compare(a, b) * (falling ? -1 : 1) : 0));
  heads.forEach((other) => other.setAttribute("aria-sort", "none"));
  head.setAttribute("aria-sort", falling ? "descending" : "ascending");
  body.append(...rows);
}

function sortable(table) {
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  heads.forEach((head, column) => {
    if (head.hasAttribute("data-fixed")) return;
    const button = make("button");
    button.type = "button";
    button.ariaLabel = `Sort by ${head.innerText.replace(/\s+/g, " ")}`;
    button.addEventListener("click", () => sortBy(table, column, heads));
    head.append(button);
    head.setAttribute("aria-sort", "none");
  });
}

function searchable(search) {
  const table = document.getElementById(search.dataset.table), input = search.querySelector("input");
  const told = search.querySelector("[role=status]"), rows = [...table.tBodies[0].rows];
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  search.hidden = false;
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    rows.forEach((row) => { row.hidden = !words.get(row).includes(wanted); });
    told.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  });
}

// plotly reads tags and entities in its texts
const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const FIXED = { displayModeBar: false, responsive: true };
// On paper the style sheet scales the drawing, for which it must know its own size.
const scalable = (place) => all(".main-svg", place).forEach((svg) => {
  svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
});
const CLEAR = { paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { size: 12 } };
const axis = (title) => ({ title: { text: title }, automargin: true, gridwidth: 1, zeroline: false });

function drawCurves(place, curves) {
  const colours = { images: "#888888", balance: "#d55e00", align: "#0072b2" };
  const traces = curves.flatMap(({ stage, epochs, loss, validation }) => [["", loss], ["2", validation]].map(([which, y]) => ({
    x: epochs, y, name: stage, legendgroup: stage, showlegend: !which, xaxis: `x${which}`, yaxis: `y${which}`,
    mode: "lines+markers", line: { color: colours[stage] }, hovertemplate: "epoch %{x}: %{y:.4~g}<extra></extra>",
  })));
  const narrow = place.clientWidth < 600;
  Plotly.newPlot(place, traces, {
    ...CLEAR, margin: { l: 50, r: 15, t: 35, b: 45 }, legend: { orientation: "h", y: 1.02, yanchor: "bottom" },
    grid: { rows: narrow ? 2 : 1, columns: narrow ? 1 : 2, pattern: "independent", ygap: 0.5 },
    xaxis: axis("epoch"), xaxis2: axis("epoch"), yaxis: axis("loss"), yaxis2: axis("validation, per class %"),
  }, FIXED);
}

function tipOver(place, map, tip) {
  place.on("plotly_hover", ({ points: [point], event }) => {
    const i = point.customdata, picture = document.querySelector(`#image-${i} img`);
    tip.replaceChildren(...(picture ? [Object.assign(new Image(), { src: picture.src, alt: "" })] : []));
    tip.append(make("i", map.species[map.truth[i]]));
    map.models.forEach((model) => {
      const taken = model.predicted[i], right = taken === map.truth[i];
      tip.append(make("div", `${model.title}: ${right ? "recognised" : `taken for ${map.species[taken]}`}`));
    });
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8))}px`;
    tip.style.top = `${Math.max(4, Math.min(event.clientY + 14, innerHeight - box.height - 8))}px`;
  });
  place.on("plotly_unhover", () => { tip.hidden = true; });
}

// The names for which there is room: none over another, and on a small screen none unless it is asked for.
function apart(model, place, short, only) {
  const wide = (values, pixels) => pixels / (Math.max(...values) - Math.min(...values) || 1);
  const across = wide(model.x, place.clientWidth), down = wide(model.y, place.clientHeight), kept = [];
  model.labels.forEach(([s, x, y]) => {
    const clear = kept.every(([t, u, v]) => Math.abs(x - u) * across > 3.5 * (short[s].length + short[t].length)
      || Math.abs(y - v) * down > 16);
    if (s === only || (only < 0 && clear && place.clientWidth > 700)) kept.push([s, x, y]);
  });
  return kept;
}

function drawMap(place, map) {
  const state = { model: map.models.length - 1, only: -1 };
  const hue = (s) => `hsl(${Math.round(s * 360 / map.species.length)} 65% ${s % 2 ? 42 : 58}%)`;
  const draw = () => {
    const model = map.models[state.model], chosen = (i) => state.only < 0 || map.truth[i] === state.only;
    const group = (right) => {
      const rows = map.truth.flatMap((s, i) => ((model.predicted[i] === s) === right ? [i] : []));
      return {
        x: rows.map((i) => model.x[i]), y: rows.map((i) => model.y[i]), customdata: rows, mode: "markers",
        hoverinfo: "none",
        marker: {
          symbol: right ? "circle" : "x", size: rows.map((i) => (state.only >= 0 && chosen(i) ? 11 : 8)),
          color: rows.map((i) => hue(map.truth[i])), opacity: rows.map((i) => (chosen(i) ? 0.9 : 0.12)), line: { width: 0 },
        },
      };
    };
    const names = apart(model, place, map.short, state.only);
    const labels = {
      x: names.map(([, x]) => x), y: names.map(([, , y]) => y), text: names.map(([s]) => plain(map.short[s])),
      mode: "text", hoverinfo: "skip",
    };
    const empty = { visible: false };
    Plotly.react(place, [group(true), group(false), labels], {
      ...CLEAR, margin: { l: 10, r: 10, t: 10, b: 10 }, xaxis: empty, yaxis: empty, hovermode: "closest",
      showlegend: false,
    }, FIXED);
  };
  const controls = document.getElementById("map-controls"), buttons = all("button", controls);
  controls.hidden = false;
  const press = () => buttons.forEach((one, i) => one.setAttribute("aria-pressed", i === state.model));
  buttons.forEach((one, i) => one.addEventListener("click", () => { state.model = i; press(); draw(); }));
  controls.querySelector("select").addEventListener("change", (event) => {
    state.only = Number(event.target.value);
    draw();
  });
  press();
  draw();
  tipOver(place, map, document.getElementById("tip"));
}

switchTheme();
all("table.sortable").forEach(sortable);
all(".find[data-table]").forEach(searchable);
for (const [id, draw] of [["map", drawMap], ["curves", drawCurves]]) {
  const place = document.getElementById(id), held = data(`${id}-data`);
  if (!place || !held) continue;
  draw(place, held);
  scalable(place);
  place.on("plotly_afterplot", () => scalable(place));
}
