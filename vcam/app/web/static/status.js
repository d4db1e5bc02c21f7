// Camera, outputs, numbers, profiles and findings.
import { command, get } from "./server.js";
import { attempt, element } from "./page.js";

const part = (id) => document.getElementById(id);
const KEPT = 120;
const numbers = { fps: [], delay: [], cpu: [] };
let lines = "", profiles = "", cameras = null;

function line(level, what, told, ...buttons) {
  const dot = element("span", { className: "dot" });
  dot.dataset.level = level;
  return element("li", {}, dot, element("div", { className: "what" }, element("b", { textContent: what, title: what }),
    element("small", { textContent: told })), ...buttons);
}

function button(words, named, act) {
  const made = element("button", { type: "button", textContent: words });
  made.setAttribute("aria-label", named);
  made.addEventListener("click", act);
  return made;
}

const KINDS = [[/^(v4l2|virtualcam|pipewire):/, "Virtual camera"], [/^preview:/, "Preview page"], [/^null:/, "Nowhere"], [/^-$/, "Standard output"],
  [/^(rtmps?|rtsps?|srt|udp|whips?|https?|hls):/, "Stream"], [/^mjpeg:/, "Motion JPEG"], [/\.(mp4|mkv|mov|webm)$/i, "Recording"]];

/** What a sink is to the user, and how it is written, where that says more. */
function titled(spec) {
  const kind = KINDS.find(([pattern]) => pattern.test(spec))?.[1];
  const [, rest = ""] = /^[a-z0-9]+:(.*)/i.exec(spec) ?? [];
  return kind ? (rest || /^recording$/i.test(kind) ? `${kind} · ${rest || spec}` : kind) : spec;
}

function sinkLine(spec, sink, only) {
  const seen = sink.watchers === null ? "" : sink.watchers === 1 ? "1 viewer" : `${sink.watchers} viewers`;
  const told = sink.problem || [sink.note, seen].filter(Boolean).join(" · ") || "running";
  const stop = only ? [] : [button("Stop", `Stop ${spec}`, () => attempt(command("sink stop", { sink: spec })))];
  return line(sink.problem ? "bad" : "live", titled(spec), told, ...stop);
}

export function draw(state) {
  const { run } = state;
  const key = JSON.stringify([run.source, run.camera_on, run.problem, state.sinks,
    run.sinks.map(({ watchers, note, problem }) => [watchers, note, problem])]);
  if (key !== lines) {
    lines = key;
    const source = run.problem || (run.camera_on ? "on" : "off: nobody watches, or you are away");
    part("lines").replaceChildren(line(run.problem ? "bad" : run.camera_on ? "live" : "off", run.source.replace(/^./, (letter) => letter.toUpperCase()), source),
      ...state.sinks.map((spec, turn) => sinkLine(spec, run.sinks[turn] ?? {}, state.sinks.length === 1)));
  }
  if (part("notes").dataset.told !== state.notes.join("\n")) {
    part("notes").dataset.told = state.notes.join("\n");
    part("notes").replaceChildren(...state.notes.map((textContent) => element("li", { textContent })));
  }
  drawProfiles(state);
  drawCameras(state);
}

function drawProfiles(state) {
  const key = JSON.stringify([state.profiles, state.profile]);
  if (key === profiles) return;
  profiles = key;
  part("profiles").replaceChildren(...state.profiles.map((name) => line(name === state.profile ? "live" : "off", name,
    name === state.profile ? "in use" : "",
    button("Use", `Use profile ${name}`, () => attempt(command("profile use", { name }))),
    button("Delete", `Delete profile ${name}`, () => attempt(command("profile delete", { name }))))));
  if (!state.profiles.length) part("profiles").append(element("li", { className: "soft small", textContent: "None yet: save camera, background and look under a name." }));
}

function drawCameras(state) {
  if (cameras === null) return;
  const known = [...cameras.map(({ index, name }) => [`camera:${index}`, name || `Camera ${index}`]), ["demo:", "Demo"]];
  if (!known.some(([spec]) => spec === state.source)) known.unshift([state.source, state.run.source]);
  const select = part("camera");
  const key = JSON.stringify(known);
  if (select.dataset.known !== key) {
    select.dataset.known = key;
    select.replaceChildren(...known.map(([value, textContent]) => element("option", { value, textContent })));
  }
  if (document.activeElement !== select) select.value = state.source;
}

/** The numbers come once a second; what changes in between is drawn but not counted. */
export function count(state) {
  const delays = state.run.sinks.map((sink) => sink.delay_ms).filter(Boolean);
  const now = { fps: state.run.fps, delay: delays.length ? Math.max(...delays) : 0, cpu: state.run.cpu };
  const words = { fps: now.fps.toFixed(1), delay: `${now.delay.toFixed(0)} ms`, cpu: `${now.cpu.toFixed(1)} % of a core` };
  for (const name of Object.keys(numbers)) {
    numbers[name] = [...numbers[name], now[name]].slice(-KEPT);
    part(name).textContent = words[name];
    graph(part(`${name}-graph`), numbers[name], { fps: 30, delay: 60, cpu: 40 }[name]);
  }
}

function graph(svg, values, least) {
  const highest = Math.max(least, ...values) * 1.1;
  const points = values.map((value, turn) => `${(240 - (values.length - 1 - turn) * 2).toFixed(1)} ${(47 - 46 * value / highest).toFixed(1)}`);
  const first = 240 - (values.length - 1) * 2;
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", `M${first} 49 L${points.join(" L")} L242 49 Z`);
  svg.replaceChildren(path);
}

async function examine() {
  part("examine").disabled = true;
  part("doctor-told").textContent = "Checking …";
  const findings = await attempt(get("/doctor"));
  part("examine").disabled = false;
  if (!findings) { part("doctor-told").textContent = "The check failed."; return; }
  const order = ["problem", "warning", "ok"];
  const shown = findings.filter(({ level }) => order.includes(level)).sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  const wrong = shown.filter(({ level }) => level !== "ok").length;
  part("doctor-told").textContent = wrong ? `${wrong} of ${shown.length} need a look.` : `All ${shown.length} are well.`;
  part("findings").replaceChildren(...shown.map(finding));
}

function finding({ name, level, found, fix }) {
  const dot = element("span", { className: "dot", title: level });
  dot.dataset.level = { ok: "live", warning: "wait", problem: "bad" }[level];
  return element("li", {}, dot, element("b", { textContent: `${name[0].toUpperCase()}${name.slice(1)}` }),
    element("span", { className: "soft small", textContent: found }), ...fix.map((text) => element("code", { textContent: text })));
}

export function begin() {
  part("examine").addEventListener("click", examine);
  part("camera").addEventListener("change", (event) => attempt(command("camera", { name: event.target.value })));
  part("camera").addEventListener("focus", findCameras);
  part("save-profile").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await attempt(command("profile save", { name: part("profile-name").value.trim() }))) event.target.reset();
  });
  findCameras();
}

async function findCameras() {
  cameras = await get("/cameras").catch(() => cameras ?? []);
}
