"use strict";

// Verdicts live in localStorage under the build and the draw, so that a page reopened tomorrow goes on where it was.
const about = document.body.dataset;
const key = `mmecinstruct review ${about.build} ${about.seed} ${about.n}`;
const articles = [...document.querySelectorAll("article")];
const pictures = JSON.parse(document.getElementById("pictures").textContent);
const kept = load();
let current = 0;

function load() {
  try {
    return JSON.parse(localStorage.getItem(key)) || {};
  } catch (error) {
    warn("This browser keeps nothing for files it opens: save verdicts.json before you close the page.");
    return {};
  }
}

function store() {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch (error) {
    warn("This browser could not keep the last verdict: save verdicts.json before you close the page.");
  }
}

function warn(text) {
  const place = document.getElementById("warning");
  place.textContent = text;
  place.hidden = false;
}

function verdictOf(article) {
  kept[article.id] ||= { verdict: "", faults: [], note: "" };
  return kept[article.id];
}

function judge(article, verdict) {
  const one = verdictOf(article);
  one.verdict = verdict;
  if (verdict === "accept") one.faults = [];
  changed(article);
}

function toggleFault(article, criterion) {
  const one = verdictOf(article);
  const others = one.faults.filter((fault) => fault !== criterion);
  one.faults = others.length < one.faults.length ? others : [...others, criterion].sort();
  // A row that lacks something is not accepted.
  if (one.faults.length && one.verdict !== "unsure") one.verdict = "reject";
  changed(article);
}

function changed(article) {
  store();
  render(article);
  count();
}

function render(article) {
  const one = kept[article.id] || { verdict: "", faults: [], note: "" };
  article.dataset.verdict = one.verdict;
  for (const input of article.querySelectorAll("input[type=radio]")) input.checked = input.value === one.verdict;
  for (const input of article.querySelectorAll("input[type=checkbox]")) input.checked = one.faults.includes(input.value);
  const note = article.querySelector("textarea");
  if (note.value !== one.note) note.value = one.note;
}

function given() {
  return articles.filter((article) => kept[article.id] && kept[article.id].verdict);
}

function count() {
  const n = given().length;
  document.getElementById("bar").value = n;
  document.getElementById("count").textContent = `${n} of ${articles.length}`;
}

function save() {
  const verdicts = given().map((article) => ({ id: article.id, ...kept[article.id] }));
  const content = { build: about.build, seed: Number(about.seed), n: Number(about.n), verdicts };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1) + "\n"], { type: "application/json" }));
  link.download = "verdicts.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function go(step) {
  let next = current + step;
  while (articles[next] && articles[next].hidden) next += step;
  if (articles[next]) select(next, true);
}

function select(index, move) {
  articles[current].classList.remove("current");
  current = index;
  articles[current].classList.add("current");
  if (!move) return;
  articles[current].focus({ preventScroll: true });
  articles[current].scrollIntoView({ block: "start" });
}

function filter(wanted) {
  for (const article of articles) {
    const open = !(kept[article.id] && kept[article.id].verdict);
    article.hidden = wanted === "open" ? !open : wanted !== "" && article.dataset.config !== wanted;
  }
  const first = articles.findIndex((article) => !article.hidden);
  if (first >= 0) select(first, true);
}

function show(image) {
  image.src = `data:image/jpeg;base64,${pictures[image.dataset.picture]}`;
}

function onKey(event) {
  if (event.target.matches("textarea") && event.key === "Escape") event.target.blur();
  if (event.target.matches("textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const article = articles[current];
  const criteria = [...article.querySelectorAll("input[type=checkbox]")].map((input) => input.value);
  const actions = {
    j: () => go(1),
    k: () => go(-1),
    a: () => (judge(article, "accept"), go(1)),
    u: () => (judge(article, "unsure"), go(1)),
    r: () => judge(article, "reject"), // and stays, for what the row lacks
    n: () => article.querySelector("textarea").focus(),
  };
  criteria.forEach((criterion, i) => (actions[String(i + 1)] = () => toggleFault(article, criterion)));
  const action = actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
}

articles.forEach((article, index) => {
  article.addEventListener("click", () => select(index, false));
  article.addEventListener("focusin", () => select(index, false));
  for (const input of article.querySelectorAll("input[type=radio]")) {
    input.addEventListener("change", () => judge(article, input.value));
  }
  for (const input of article.querySelectorAll("input[type=checkbox]")) {
    input.addEventListener("change", () => toggleFault(article, input.value));
  }
  article.querySelector("textarea").addEventListener("input", (event) => {
    verdictOf(article).note = event.target.value;
    store();
  });
  render(article);
});

const images = [...document.querySelectorAll("img[data-picture]")];
const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      show(entry.target);
      watcher.unobserve(entry.target);
    }
  },
  { rootMargin: "1500px" },
);
images.forEach((image) => watcher.observe(image));
window.addEventListener("beforeprint", () => images.forEach(show));
document.addEventListener("keydown", onKey);
document.getElementById("filter").addEventListener("change", (event) => filter(event.target.value));
document.getElementById("save").addEventListener("click", save);
count();
if (articles.length) select(0, false);
