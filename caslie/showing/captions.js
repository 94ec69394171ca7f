"use strict";

const form = document.getElementById("filters");
const samples = [...document.querySelectorAll("article")].map((article) => ({
  article,
  words: plain(article.querySelector(".words")),
  items: [...article.querySelectorAll(".cards > li")].map((element) => ({
    element,
    words: [...element.querySelectorAll(".find")].map(plain).join(" "),
  })),
}));
const names = ["task", "verdict", "judges", "q"];

function plain(element) {
  return element.textContent.toLowerCase().replace(/\s+/g, " ").trim();
}

function wanted() {
  return Object.fromEntries(names.map((name) => [name, form.elements[name].value.trim()]));
}

function fits(item, sample, want) {
  const { verdict, judges } = item.element.dataset;
  if (want.verdict && want.verdict !== verdict) return false;
  if (want.judges && want.judges !== judges) return false;
  const text = plain({ textContent: want.q });
  return !text || sample.words.includes(text) || item.words.includes(text);
}

function filter() {
  const want = wanted();
  const counts = { items: 0, samples: 0, kept: 0, dropped: 0 };
  for (const sample of samples) {
    const ofTask = !want.task || want.task === sample.article.dataset.task;
    for (const item of sample.items) {
      const shown = ofTask && fits(item, sample, want);
      item.element.hidden = !shown;
      counts.items += shown;
      counts[item.element.dataset.verdict] += shown;
    }
    sample.article.hidden = sample.items.every((item) => item.element.hidden);
    counts.samples += !sample.article.hidden;
  }
  tell(counts);
}

function tell(counts) {
  const all = samples.reduce((n, sample) => n + sample.items.length, 0);
  document.getElementById("count").textContent =
    `${counts.items} of ${all} items, ${counts.samples} of ${samples.length} samples: ` +
    `${counts.kept} kept, ${counts.dropped} dropped`;
  document.getElementById("nothing").hidden = counts.items > 0;
}

// The hash keeps the filter, so that a link shows what its sender saw.
function remember() {
  const given = Object.entries(wanted()).filter(([, value]) => value);
  history.replaceState(null, "", `#${new URLSearchParams(given)}`);
}

function recall() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const name of names) {
    const control = form.elements[name];
    control.value = given.get(name) || "";
    if (control.selectedIndex === -1) control.value = ""; // a link of another build
  }
  filter();
}

function go(step) {
  const shown = samples.map((sample) => sample.article).filter((article) => !article.hidden);
  const here = shown.indexOf(document.activeElement.closest("article"));
  const next = shown[here < 0 ? 0 : here + step];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") document.activeElement.blur();
  if (event.target.matches("select, input")) return;
  const actions = { j: () => go(1), k: () => go(-1), "/": () => form.elements.q.focus() };
  const action = actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
}

form.addEventListener("input", () => (filter(), remember()));
form.addEventListener("reset", () => setTimeout(() => (filter(), remember())));
form.addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("hashchange", recall);
document.addEventListener("keydown", onKey);
form.hidden = false;
recall();
