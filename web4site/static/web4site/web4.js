"use strict";
// Behaviour shared by all pages: theme, navigation on the phone, copyable ids, keys, side panel, plots.

const root = document.documentElement;

function applyTheme(theme) {
  if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
}
applyTheme(localStorage.getItem("theme"));

function isDark() {
  return (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-theme-toggle],[data-nav-toggle],[data-copy],[data-panel],[data-panel-close],[data-confirm]");
  if (!target) return;
  if (target.matches("[data-theme-toggle]")) {
    const next = isDark() ? "light" : "dark";
    localStorage.setItem("theme", next);
    applyTheme(next);
    document.querySelectorAll("[data-plot]").forEach(drawPlot);
  } else if (target.matches("[data-nav-toggle]")) {
    const open = target.closest(".sidebar").toggleAttribute("data-open");
    target.setAttribute("aria-expanded", String(open));
  } else if (target.matches("[data-copy]")) {
    navigator.clipboard?.writeText(target.dataset.copy).then(() => announce("Copied"));
  } else if (target.matches("[data-panel]") && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    openPanel(target.href);
  } else if (target.matches("[data-panel-close]")) {
    closePanel();
  } else if (target.matches("[data-confirm]") && !confirm(target.dataset.confirm)) {
    event.preventDefault();
  }
});

function announce(text) {
  document.getElementById("announcer").textContent = text;
}

// ---------- keys ----------

function typing(element) {
  return element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { closePanel(); return; }
  if (event.metaKey || event.ctrlKey || event.altKey || typing(document.activeElement)) return;
  if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) { event.preventDefault(); search.focus(); }
    return;
  }
  const wanted = event.key.toLowerCase();
  const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key.toLowerCase() === wanted);
  if (target) { event.preventDefault(); target.click(); }
});

// ---------- side panel ----------

let opener = null;

async function openPanel(url) {
  const panel = document.getElementById("panel");
  opener = document.activeElement;
  const response = await fetch(url, { headers: { "X-Panel": "1" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const body = panel.querySelector("[data-panel-body]");
  const title = page.querySelector("h1");
  body.replaceChildren(...[title, page.getElementById("content")].filter(Boolean));
  panel.setAttribute("data-open", "");
  panel.querySelector("[data-panel-close]").focus();
  labelTables(body);
  window.htmx?.process(body);
  body.querySelectorAll("[data-plot]").forEach(startPlot);
}

function closePanel() {
  const panel = document.getElementById("panel");
  if (!panel?.hasAttribute("data-open")) return;
  panel.removeAttribute("data-open");
  opener?.focus();
}

// ---------- tables on the phone ----------

// A narrow screen shows each row as a small block (web4.css): every cell then names its column itself, a dash is left out.
function labelTables(within) {
  for (const table of within.querySelectorAll(".table")) {
    const labels = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    for (const row of table.tBodies[0]?.rows ?? []) {
      [...row.cells].slice(1).forEach((cell, index) => {
        const text = cell.textContent.trim();
        if (text === "–") cell.dataset.none = "";
        else if (labels[index + 1] && labels[index + 1] !== text) cell.dataset.label = labels[index + 1];
      });
    }
    table.setAttribute("data-labelled", "");
  }
}
document.addEventListener("htmx:load", (event) => labelTables((event.target.closest(".table") ?? event.target).parentElement ?? document));

// ---------- plots ----------

// The colour that a token has in the theme shown now: Plotly does not read light-dark().
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function plotTemplate() {
  const axis = { gridcolor: colour("--line"), linecolor: colour("--line-strong"), zerolinecolor: colour("--line-strong"), automargin: true };
  return {
    layout: {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("--muted") },
      colorway: [colour("--accent"), colour("--good"), colour("--warn"), colour("--bad"), colour("--muted")],
      xaxis: axis, yaxis: axis, margin: { l: 48, r: 16, t: 16, b: 40 },
      hoverlabel: { bgcolor: colour("--surface"), bordercolor: colour("--line-strong"), font: { color: colour("--text") } },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, // grows upwards where it has to wrap
    },
  };
}

// Traces of one legend group are one thing measured in several ways: they share a colour.
function colourGroups(traces, colours) {
  const groups = [...new Set(traces.map((trace) => trace.legendgroup).filter(Boolean))];
  for (const trace of traces.filter((one) => one.legendgroup)) {
    trace.line = { ...trace.line, color: colours[groups.indexOf(trace.legendgroup) % colours.length] };
  }
}

let plotly = null;

function loadPlotly() {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.plotly;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return plotly;
}

async function drawPlot(element) {
  const response = await fetch(element.dataset.plot, { headers: { Accept: "application/json" } });
  if (!response.ok) { element.textContent = "This plot could not be loaded."; return false; }
  const figure = await response.json();
  const Plotly = await loadPlotly();
  const template = plotTemplate();
  colourGroups(figure.data, template.layout.colorway);
  const layout = { ...figure.layout, template, autosize: true };
  await Plotly.react(element, figure.data, layout, { displayModeBar: false, responsive: true });
  return response.status === 286;
}

async function startPlot(element) {
  const finished = await drawPlot(element);
  const every = Number(element.dataset.plotEvery || 0);
  if (every && !finished && document.contains(element)) setTimeout(() => startPlot(element), every);
}

document.addEventListener("DOMContentLoaded", () => {
  labelTables(document);
  const shown = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      shown.unobserve(entry.target);
      startPlot(entry.target);
    }
  }, { rootMargin: "200px" });
  document.querySelectorAll("[data-plot]").forEach((element) => shown.observe(element));
  document.querySelectorAll(".filters select, .filters input[type=date]").forEach((input) => input.addEventListener("change", () => input.form.requestSubmit()));
});
