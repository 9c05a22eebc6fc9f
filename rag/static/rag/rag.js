"use strict";
// Lists by keyboard: arrows move from one [data-item] to the next, letters press the buttons of the one in focus.

(() => {
  const items = () => [...document.querySelectorAll("#content [data-item]")];
  const current = () => document.activeElement?.closest?.("[data-item]");

  function move(by) {
    const all = items();
    if (!all.length) return false;
    const at = all.indexOf(current());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (!next) return false;
    focus(next);
    return true;
  }

  function focus(item) {
    (item.matches("a, button, [tabindex]") ? item : item.querySelector("a"))?.focus();
    item.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const field = document.activeElement;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(field?.tagName);
    // From the search field the arrow leads down to the hits; elsewhere a field keeps its keys.
    if (typing && !(field.type === "search" && event.key === "ArrowDown")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (move(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
      return;
    }
    if (typing) return;
    const button = current()?.querySelector(`[data-item-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) {
      event.preventDefault();
      event.stopImmediatePropagation();
      button.click();
    }
  }, true);

  // A row that was replaced takes the focus back, so that the next arrow or letter goes on from it.
  let replaced = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const row = event.detail.target;
    replaced = row?.matches?.("[data-item]") && row.contains(document.activeElement) ? row.id : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (replaced) document.getElementById(replaced)?.focus();
    replaced = null;
  });

  function show() {
    // The document itself in the middle of its neighbours, where they are wider than the page.
    for (const box of document.querySelectorAll(".crumbs")) {
      const here = box.querySelector("[aria-current]");
      if (here) box.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - box.clientWidth / 2;
    }
  }
  document.addEventListener("DOMContentLoaded", show);
})();
