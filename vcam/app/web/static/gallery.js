// The backgrounds: tiles, categories, and the user's own files.
import * as cutouts from "./cutouts.js";
import { command, upload } from "./server.js";
import { attempt, element, say } from "./page.js";

const part = (id) => document.getElementById(id);
const PLAIN = [["blur", "Blur", "blurred"], ["colour:#204060", "Navy", "navy"], ["green", "Green screen", "green"], ["none", "No background", "none"]];
let drawn = "", state = null, category = "", wanted = "";

const readable = (name) => name.replace(/[-_]+/g, " ").replace(/^./, (letter) => letter.toUpperCase());
const isBlur = (name) => name === "blur" || name.startsWith("blur:");

function entries() {
  const known = state.backgrounds.map(({ name, category: of, kind }) => ({ name, of, kind, title: readable(name) }));
  const plain = PLAIN.map(([name, title, look]) => ({ name, title, look, of: "" }));
  if (category === "recent") {
    const all = [...plain, ...known];
    const found = state.recent.map((name) => all.find((one) => one.name === name || (isBlur(name) && one.name === "blur"))
      ?? { name, title: readable(name.split(/[/\\]/).pop()), look: "navy", of: "" });
    return [...new Map(found.map((one) => [one.name, one])).values()];
  }
  return category ? known.filter((one) => one.of === category) : [...plain, ...known];
}

function tile(entry) {
  const button = element("button", { type: "button", className: `tile ${entry.kind ?? ""}`, title: entry.title });
  button.dataset.name = entry.name;
  if (entry.look) button.append(element("span", { className: `plain ${entry.look}` }));
  else button.append(element("img", { src: `/backgrounds/${encodeURIComponent(entry.name)}/thumbnail`, alt: "", loading: "lazy" }));
  button.append(element("span", { className: "name", textContent: entry.title }));
  button.addEventListener("click", () => choose(entry.name));
  return button;
}

function choose(name) {
  wanted = name;
  mark();
  const done = name === "blur" ? command("blur", { strength: Number(part("blur").value) }) : command("bg", { name });
  return attempt(done).finally(() => { wanted = ""; mark(); });
}

function mark() {
  const now = state.settings.background;
  for (const button of part("tiles").querySelectorAll(".tile")) {
    const name = button.dataset.name;
    button.setAttribute("aria-pressed", name === now || (name === "blur" && isBlur(now)));
    button.classList.toggle("loading", name === wanted);
  }
}

export function draw(next) {
  state = next;
  const shown = entries();
  const key = JSON.stringify(shown);
  if (key !== drawn) {
    drawn = key;
    const words = { yours: "Nothing of yours yet: drop a picture here.", recent: "What you choose appears here." };
    part("tiles").replaceChildren(...(shown.length ? shown.map(tile)
      : [element("p", { className: "nothing", textContent: words[category] ?? "Nothing here." })]));
  }
  mark();
}

async function add(files) {
  for (const file of files) {
    const bar = element("progress", { max: 1, value: 0 });
    bar.setAttribute("aria-label", `Uploading ${file.name}`);
    const line = element("li", {}, element("span", { textContent: file.name }), bar);
    part("uploads").append(line);
    try {
      const { name } = await upload(file, (share) => { bar.value = share; });
      line.remove();
      await choose(name);
      say(`${readable(name)} was added`);
    } catch (error) {
      line.replaceChildren(element("span", { className: "wrong", textContent: error.message }));
      setTimeout(() => line.remove(), 15000);
    }
  }
}

function moveFocus(event) {
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns() };
  if (!(event.key in steps) || !event.target.classList.contains("tile")) return;
  const all = [...part("tiles").querySelectorAll(".tile")];
  all[all.indexOf(event.target) + steps[event.key]]?.focus();
  event.preventDefault();
  event.stopPropagation();
}

const columns = () => getComputedStyle(part("tiles")).gridTemplateColumns.split(" ").length;

export function begin() {
  for (const radio of document.querySelectorAll("input[name=category]")) {
    radio.addEventListener("change", () => { category = radio.value; if (state) draw(state); });
  }
  part("tiles").addEventListener("keydown", moveFocus);
  part("file").addEventListener("change", (event) => { add([...event.target.files]); event.target.value = ""; });
  const inside = (event) => event.dataTransfer?.types.includes("Files");
  const forCutouts = (event) => event.target.closest?.("#cutout");
  addEventListener("dragover", (event) => {
    if (!inside(event)) return;
    event.preventDefault();
    part("dropping").hidden = false;
    part("dropping-told").textContent = forCutouts(event) ? "Drop to cut the person out" : "Drop to add to your backgrounds";
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) part("dropping").hidden = true; });
  addEventListener("drop", (event) => {
    part("dropping").hidden = true;
    if (!inside(event)) return;
    event.preventDefault();
    (forCutouts(event) ? cutouts.add : add)([...event.dataTransfer.files]);
  });
  for (const id of ["previous", "next"]) part(id).addEventListener("click", () => attempt(command("bg", { name: id })));
}
