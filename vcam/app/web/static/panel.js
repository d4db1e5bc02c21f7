// Draws the state, and turns what the user does into commands.
import * as cutouts from "./cutouts.js";
import * as gallery from "./gallery.js";
import * as pointing from "./pointing.js";
import * as stage from "./stage.js";
import * as status from "./status.js";
import { ask, command, follow, get } from "./server.js";
import { attempt, element } from "./page.js";

const part = (id) => document.getElementById(id);
const PHASES = {
  starting: ["wait", "Starting"], live: ["live", "Live"], card: ["bad", "Placeholder"], idle: ["wait", "Idle: camera off"],
  away: ["wait", "Paused"], frozen: ["wait", "Frozen"], panic: ["bad", "Panic: hidden"], stopped: ["bad", "Stopped"],
};
const SLIDERS = { light_match: "Match the light", light_wrap: "Light around the outline" };
const held = new Set();  // sliders that the user has in hand: the state does not move these
let state = null, counted = -1;

function drawTop({ run, privacy, busy, problems }) {
  const raw = run.phase === "live" && state.settings.background.startsWith("none");
  const [level, words] = raw ? ["wait", "Live: background not replaced"] : PHASES[run.phase] ?? ["wait", run.phase];
  part("phase").dataset.level = level;
  if (part("phase").textContent !== words) part("phase").textContent = words;
  for (const button of document.querySelectorAll("[data-command]")) {
    const own = { pause: "away", freeze: "frozen", panic: "panic" }[button.dataset.command];
    button.setAttribute("aria-pressed", own === privacy);
    if (button.dataset.command === "resume") { button.hidden = privacy === "live"; button.removeAttribute("aria-pressed"); }
  }
  const told = [run.problem, ...problems.map(({ text, hint }) => (hint ? `${text}: ${hint}` : text))].filter(Boolean);
  part("banner").hidden = !told.length;
  if (part("banner").textContent !== told.join("\n")) part("banner").textContent = told.join("\n");
  document.body.toggleAttribute("aria-busy", Boolean(busy));
}

function drawLook({ settings }) {
  const blurred = /^blur(?::([\d.]+))?$/.exec(settings.background);
  if (blurred && !held.has("blur")) setSlider("blur", Number(blurred[1] ?? 60));
  part("blur-note").textContent = blurred ? "" : "Blur replaces the background that is shown now.";
  for (const name of Object.keys(SLIDERS)) if (part(name) && !held.has(name)) setSlider(name, settings[name]);
  if (document.activeElement !== part("fit")) part("fit").value = settings.fit;
  part("mirror").setAttribute("aria-pressed", settings.mirror);
}

function setSlider(name, value) {
  part(name).value = value;
  fill(part(name));
  part(`${name}-value`).textContent = Math.round(value);
}

/** How far a slider's track is coloured. */
function fill(slider) {
  const { min, max, value } = slider;
  slider.style.setProperty("--done", `${100 * (value - min) / (max - min)}%`);
}

function draw(next) {
  state = next;
  drawTop(state);
  drawLook(state);
  gallery.draw(state);
  pointing.draw(state);
  status.draw(state);
  stage.tellFacts(state.run.size);
  if (state.run.seconds - counted >= .9) { counted = state.run.seconds; status.count(state); }
  part("foot").textContent = `${state.model} on ${state.runtime}, ${state.device} · process ${state.pid}${state.instance ? ` · ${state.instance}` : ""}`;
}

function lost() {
  part("phase").dataset.level = "bad";
  part("phase").textContent = "vcam has stopped: waiting for it";
  counted = -1;
}

/** Sends while the user drags, one command at a time, and always the last value. */
function live(name, send) {
  const slider = part(name);
  let sending = false, again = false;
  const push = async () => {
    if (sending) { again = true; return; }
    sending = true;
    do { again = false; await attempt(send(Number(slider.value))); } while (again);
    sending = false;
    held.delete(name);
  };
  slider.addEventListener("input", () => { held.add(name); part(`${name}-value`).textContent = slider.value; push(); });
}

async function addSliders() {
  const { properties } = await get("/settings");
  for (const [name, title] of Object.entries(SLIDERS).filter(([known]) => known in properties)) {
    const { minimum = 0, maximum = 100, default: value, description } = properties[name];
    const input = element("input", { id: name, type: "range", min: minimum, max: maximum, value });
    part("sliders").append(element("label", { className: "slider", htmlFor: name, title: description },
      element("span", { textContent: `${title} ` }, element("output", { id: `${name}-value`, textContent: value })), input));
    live(name, (chosen) => command("set", { name, value: chosen }));
  }
}

async function chooseView(view) {
  if (view !== "split") { stage.choose(view); return; }
  document.querySelector("input[name=view][value=picture]").checked = true;
  stage.choose("picture");
  part("room").returnValue = "no";
  part("room").showModal();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input:not([type=radio]), select, textarea")) return;
  if (pointing.onKey(event)) return;
  const acts = { p: "pause", f: "freeze", x: "panic", r: "resume" };
  const key = event.key.toLowerCase(), views = { 1: "picture", 2: "split", 3: "matte" };
  if (acts[key]) attempt(command(acts[key]));
  else if (views[key]) chooseView(views[key]);
  else if (key === "m") attempt(command("mirror"));
  else if (key === "?") part("keys").showModal();
  else if (event.target.type !== "radio" && key === "arrowright") attempt(command("bg", { name: "next" }));
  else if (event.target.type !== "radio" && key === "arrowleft") attempt(command("bg", { name: "previous" }));
}

function listen() {
  for (const button of document.querySelectorAll("[data-command]")) {
    button.addEventListener("click", () => attempt(command(button.dataset.command)));
  }
  for (const radio of document.querySelectorAll("input[name=view]")) radio.addEventListener("change", () => chooseView(radio.value));
  part("room").addEventListener("close", () => { if (part("room").returnValue === "yes") stage.choose("split"); });
  addEventListener("refused", ({ detail }) => attempt(Promise.reject(detail)));
  part("help").addEventListener("click", () => part("keys").showModal());
  part("mirror").addEventListener("click", () => attempt(command("mirror")));
  part("fit").addEventListener("change", (event) => attempt(command("fit", { how: event.target.value })));
  live("blur", (strength) => command("blur", { strength }));
  document.addEventListener("keydown", onKey);
  document.addEventListener("input", ({ target }) => { if (target.type === "range") fill(target); });
}

/** Where other machines can come in, the page asks for the token. */
async function enter() {
  try {
    await ask("/state");
  } catch (error) {
    if (error.status !== 401) return;
    part("entrance").addEventListener("cancel", (event) => event.preventDefault());
    part("entrance").showModal();
    await new Promise((done) => part("enter").addEventListener("submit", async (event) => {
      event.preventDefault();
      const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token: part("token").value }) };
      try { await ask("/session", options); done(); } catch (wrong) { part("wrong").textContent = wrong.message; }
    }));
    part("entrance").close();
  }
}

listen();
await enter();
await addSliders().catch(() => {});
gallery.begin();
status.begin();
stage.begin();
pointing.begin();
cutouts.begin();
follow(draw, lost);
