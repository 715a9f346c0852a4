"use strict";

/* Tables sort by a click on a column's name; without this file they stay in the order of the ranking. */
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  const heads = [...table.querySelectorAll("th[data-sort]")];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const first = head.dataset.sort === "falling" ? "descending" : "ascending";
      const second = first === "descending" ? "ascending" : "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", before === first ? second : first);
      sort(body, column, head.dataset.sort === "text", head.getAttribute("aria-sort") === "descending");
    });
  });
}

function sort(body, column, text, falling) {
  const sign = falling ? -1 : 1;
  const key = (row) => {
    const cell = row.cells[column];
    if (text) return cell.textContent.trim();
    return cell.dataset.value === "" ? null : Number(cell.dataset.value);
  };
  const rows = [...body.rows].map((row) => [key(row), row]);
  rows.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null); // what is not known stays last
    return sign * (text ? a.localeCompare(b) : a - b);
  });
  body.append(...rows.map(([, row]) => row));
}

/* An address that can be read and sent to somebody: fields that say nothing are left out of it. */
const form = document.querySelector("form.ask");
if (form) {
  form.addEventListener("submit", () => {
    const said = (name) => form.elements[name].value.trim() !== "";
    for (const field of form.elements) {
      if (field.name && (!said(field.name) || (field.name === "scenario" && said("q")))) field.disabled = true;
    }
  });
  window.addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false; // also after a step back
  });
}
