// Keep and drop: the user points at a thing in the picture, with the pointer or with a cross that the arrows move.
import { command } from "./server.js";
import { attempt, say } from "./page.js";

const part = (id) => document.getElementById(id);
const [stage, picture, cross, told, forget] = ["stage", "picture", "cross", "pointing", "forget"].map(part);
const STEPS = { ArrowLeft: [-.02, 0], ArrowRight: [.02, 0], ArrowUp: [0, -.03], ArrowDown: [0, .03] };
let how = "", at = { x: .5, y: .5 };

/** Where the picture is drawn inside its canvas, which keeps its shape. */
function drawn() {
  const box = picture.getBoundingClientRect();
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const width = picture.width * scale, height = picture.height * scale;
  return { left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width, height };
}

function choose(wanted) {
  how = wanted === how ? "" : wanted;
  for (const button of document.querySelectorAll("[data-point]")) button.setAttribute("aria-pressed", button.dataset.point === how);
  stage.classList.toggle("pointed", Boolean(how));
  told.hidden = !how;
  told.textContent = { keep: "Click on the thing to keep · Esc ends it", drop: "Click on the thing to drop · Esc ends it" }[how] ?? "";
  if (!how) cross.hidden = true;
}

async function act({ x, y }) {
  if (x < 0 || x > 1 || y < 0 || y > 1) return;
  const word = how;
  if (await attempt(command(word, { x, y }))) say(word === "keep" ? "It is kept in the picture" : "It is dropped from the picture");
}

function show() {
  const box = drawn(), around = stage.getBoundingClientRect();
  cross.hidden = false;
  cross.style.left = `${box.left - around.left + at.x * box.width}px`;
  cross.style.top = `${box.top - around.top + at.y * box.height}px`;
  told.textContent = `${how === "keep" ? "Keep" : "Drop"} at ${Math.round(at.x * 100)} % from the left, ${Math.round(at.y * 100)} % from the top: Enter`;
}

function move(event) {
  const [right, down] = STEPS[event.key];
  at = { x: Math.min(Math.max(at.x + right, 0), 1), y: Math.min(Math.max(at.y + down, 0), 1) };
  show();
}

/** Whether a key was for pointing. */
export function onKey(event) {
  const chosen = { k: "keep", d: "drop" }[event.key.toLowerCase()];
  if (chosen) choose(chosen);
  else if (how && event.key === "Escape") choose("");
  else if (how && STEPS[event.key]) move(event);
  else if (how && event.key === "Enter" && !cross.hidden) act(at);
  else return false;
  event.preventDefault();
  return true;
}

export function draw({ things }) {
  forget.hidden = !things;
  forget.textContent = `Forget ${things}`;
}

export function begin() {
  for (const button of document.querySelectorAll("[data-point]")) button.addEventListener("click", () => choose(button.dataset.point));
  forget.addEventListener("click", () => attempt(command("forget")));
  picture.addEventListener("click", (event) => {
    if (!how) return;
    const box = drawn();
    cross.hidden = true;
    act({ x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height });
  });
}
