"use strict";
// Everything works without this script; with it, typing suggests and adding to the basket does not load a page.

document.documentElement.classList.add("js");

const told = document.querySelector("[data-told]");
let toldLast = 0;

function tell(text) {
  told.textContent = text;
  told.classList.add("on");
  clearTimeout(toldLast);
  toldLast = setTimeout(() => told.classList.remove("on"), 4000);
}

// The basket: send the form in the background, then say what happened.
for (const form of document.querySelectorAll("form[data-add]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
      });
      const said = await answer.json();
      const count = document.querySelector("[data-count]");
      count.textContent = said.count;
      count.hidden = !said.count;
      count.closest("a").setAttribute("aria-label", said.label);
      if (answer.ok && location.pathname === "/basket") location.reload(); // what goes with it has changed
      else tell(said.said);
    } catch {
      tell(told.dataset.failed);
    }
    button.removeAttribute("aria-busy");
  });
}

// A choice that needs no button.
for (const field of document.querySelectorAll("[data-send]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}

// The small panel of the header closes as panels do.
const who = document.querySelector("details.who");
document.addEventListener("click", (event) => {
  if (who.open && !who.contains(event.target)) who.open = false;
});
who.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !who.open) return;
  who.open = false;
  who.querySelector("summary").focus();
});

// A rail that scrolls can be scrolled from the keyboard.
function reachable() {
  for (const rail of document.querySelectorAll(".rail")) {
    if (rail.scrollWidth > rail.clientWidth + 1) rail.tabIndex = 0;
    else rail.removeAttribute("tabindex");
  }
}
addEventListener("resize", reachable);
reachable();

// Suggestions: the combobox pattern with a list of completions, and the products that the first of them finds.
const box = document.querySelector("#q");
const list = document.createElement("ul");
list.id = "suggestions";
list.hidden = true;
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", box.dataset.list);
box.after(list);
for (const [name, value] of Object.entries({
  role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
})) box.setAttribute(name, value);

let waiting = 0;
let asked = 0;
let chosen = -1;
let typed = "";

function close() {
  list.hidden = true;
  list.replaceChildren();
  chosen = -1;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

function option(text, go) {
  const made = document.createElement("li");
  made.id = `suggestion-${list.children.length}`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.textContent = text;
  made.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the box keeps the focus
    go();
  });
  list.append(made);
  return made;
}

function money(placed) {
  if (!placed.price) return "";
  const currency = { style: "currency", currency: placed.currency };
  return new Intl.NumberFormat(document.documentElement.lang, currency).format(placed.price);
}

function offer(words, products) {
  close();
  for (const word of words) {
    option(word, () => {
      box.value = word;
      box.form.requestSubmit();
    });
  }
  for (const placed of products) {
    const href = `/product/${encodeURIComponent(placed.product)}`;
    const made = option(placed.title || placed.product, () => location.assign(href));
    made.dataset.href = href;
    const price = document.createElement("b");
    price.textContent = money(placed);
    made.append(price);
  }
  list.hidden = !list.children.length;
  box.setAttribute("aria-expanded", String(!list.hidden));
}

function choose(at) {
  settle(); // an answer still on its way would take the list from under the choice
  const options = [...list.children];
  chosen = at;
  options.forEach((option, k) => option.setAttribute("aria-selected", String(k === at)));
  if (at < 0) box.removeAttribute("aria-activedescendant");
  else box.setAttribute("aria-activedescendant", options[at].id);
  box.value = at < 0 || options[at].dataset.href ? typed : options[at].textContent;
}

function settle() {
  clearTimeout(waiting);
  return ++asked;
}

box.addEventListener("input", () => {
  typed = box.value;
  const mine = settle();
  if (!typed.trim()) return close();
  waiting = setTimeout(async () => {
    try {
      const answer = await fetch(`/v1/suggest?products=3&size=6&language=${document.documentElement.lang}&q=${encodeURIComponent(typed.slice(0, 600))}`);
      const said = await answer.json();
      const words = said.words.filter((word) => word !== typed);
      if (mine === asked && document.activeElement === box) offer(words, said.products);
    } catch {
      if (mine === asked) close();
    }
  }, 80);
});

box.addEventListener("keydown", (event) => {
  const last = list.children.length - 1;
  if (event.key === "Escape" && !list.hidden) {
    event.preventDefault(); // a search box would empty itself
    settle();
    box.value = typed;
    close();
  } else if (event.key === "ArrowDown" && last >= 0) {
    event.preventDefault();
    choose(chosen === last ? -1 : chosen + 1);
  } else if (event.key === "ArrowUp" && last >= 0) {
    event.preventDefault();
    choose(chosen === -1 ? last : chosen - 1);
  } else if (event.key === "Enter") {
    const href = list.children[chosen]?.dataset.href;
    if (href) {
      event.preventDefault();
      location.assign(href);
    }
    settle();
    close();
  }
});
box.addEventListener("blur", close);
