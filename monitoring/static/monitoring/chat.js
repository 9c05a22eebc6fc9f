"use strict";
// Streams answers into their bubbles; everything else on the chat page is htmx.

function stream(box) {
  const text = box.querySelector("[data-text]");
  const state = box.querySelector("[data-state]");
  const exchange = box.closest("[id^=query-]");
  const source = new EventSource(box.dataset.stream);
  const finish = (html) => {
    source.close();
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const fresh = holder.content.firstElementChild;
    exchange.replaceWith(fresh);
    htmx.process(fresh);
  };
  const reload = () => {
    source.close();
    // The server notices a closed stream at its next word; ask for the result a moment later.
    setTimeout(() => fetch(box.dataset.exchange).then((response) => response.text()).then(finish), 800);
  };
  source.addEventListener("state", (event) => { state.textContent = JSON.parse(event.data); });
  source.addEventListener("piece", (event) => {
    state.textContent = "";
    text.append(JSON.parse(event.data));
    if (innerHeight + scrollY > document.body.scrollHeight - 200) scrollTo(0, document.body.scrollHeight);
  });
  source.addEventListener("done", (event) => finish(JSON.parse(event.data)));
  source.onerror = reload;
  box.querySelector("[data-stream-stop]").addEventListener("click", reload);
}

function startStreams(scope) {
  scope.querySelectorAll("[data-stream]:not([data-started])").forEach((box) => {
    box.dataset.started = "";
    stream(box);
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const composer = document.getElementById("composer");
  const question = document.getElementById("question");
  startStreams(document);
  question.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); composer.requestSubmit(); }
  });
  document.querySelectorAll("[data-example]").forEach((button) => button.addEventListener("click", () => {
    question.value = button.textContent;
    composer.requestSubmit();
  }));
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "exchanges") return;
    document.getElementById("chat-empty")?.remove();
    const last = event.detail.target.lastElementChild;
    question.value = "";
    if (last?.dataset.conversation) composer.elements.conversation.value = last.dataset.conversation;
    startStreams(event.detail.target);
    last?.scrollIntoView({ block: "end", behavior: "smooth" });
  });
});
