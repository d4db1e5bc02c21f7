// Every camera of the room: its picture, how it is, and what is done most often. The rest is on its own panel.
const part = (id) => document.getElementById(id);
const cards = new Map();
const words = { live: "Live", away: "Away", frozen: "Frozen", panic: "Hidden", idle: "Idle: nobody watches",
  card: "Trouble", starting: "Starting", stopped: "Stopped" };

async function ask(path, options = {}) {
  const answer = await fetch(path, { cache: "no-store", ...options });
  if (!answer.ok) {
    const { error = "vcam did not answer as expected", hint = "" } = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(hint ? `${error}\n${hint}` : error), { status: answer.status });
  }
  return answer.status === 204 ? null : answer.json();
}

const post = (path, values) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) });

function say(text) {
  part("banner").hidden = !text;
  part("banner").textContent = text;
}

async function attempt(work) {
  try { await work(); say(""); } catch (error) { say(error.message); }
  await look();
}

const command = (name, word, values = {}) => post(`/${name}/commands/${word}`, values);

function made(name) {
  const card = part("camera").content.firstElementChild.cloneNode(true);
  card.querySelector("h2").textContent = name;
  card.querySelector("img").alt = `Live picture of ${name}`;
  card.setAttribute("aria-label", name);
  for (const button of card.querySelectorAll("button")) {
    const { command: word, value } = button.dataset;
    button.onclick = () => attempt(() => command(name, word, value ? { name: value } : {}));
  }
  part("room").append(card);
  return card;
}

function sinkLine(spec, { problem, kbit_s, delay_ms, watchers }) {
  const told = problem || [kbit_s ? `${(kbit_s / 1000).toFixed(1)} Mbit/s` : "", delay_ms ? `${delay_ms.toFixed(0)} ms` : "",
    watchers === null || watchers === undefined ? "" : `${watchers} watching`].filter(Boolean).join(" · ");
  const line = Object.assign(document.createElement("li"), { textContent: told ? `${spec} · ${told}` : spec });
  line.dataset.level = problem ? "bad" : "live";
  return line;
}

function draw(name, { process, state, panel }) {
  if (!cards.has(name)) cards.set(name, made(name));
  const card = cards.get(name), pill = card.querySelector(".pill"), image = card.querySelector("img");
  const hidden = state && state.privacy !== "live";
  const trouble = !state || state.run.problem || state.run.sinks.some((sink) => sink.problem);
  pill.textContent = state ? words[state.run.phase] ?? state.run.phase : process;
  pill.dataset.level = hidden ? "wait" : trouble ? "bad" : "live";
  card.querySelector(".facts").textContent = state
    ? state.run.problem || `${state.run.source} → ${state.run.background}, ${state.run.size}, ${state.run.fps.toFixed(0)} fps, ${state.run.cpu.toFixed(0)} % CPU`
    : "It is started again by itself.";
  card.querySelector(".sinks").replaceChildren(...(state ? state.sinks.map((spec, turn) => sinkLine(spec, state.run.sinks[turn] ?? {})) : []));
  card.querySelector("[data-command=pause]").hidden = !state || hidden;
  card.querySelector("[data-command=resume]").hidden = !hidden;
  card.querySelector("[data-command=bg]").disabled = !state;
  const link = card.querySelector("a");
  link.hidden = !panel;
  link.href = `http://${location.hostname}:${panel}/`;
  const source = state && panel ? `/${name}/view/picture?width=640` : "";
  if (image.dataset.process !== `${source} ${state?.pid}`) {
    image.dataset.process = `${source} ${state?.pid}`;
    if (source) image.src = `${source}&of=${state.pid}`; else image.removeAttribute("src");
  }
  return trouble ? "bad" : hidden ? "wait" : "live";
}

async function look() {
  let told;
  try { told = (await ask("/state")).cameras; } catch (error) {
    part("door").hidden = error.status !== 401;
    part("phase").textContent = error.status === 401 ? "Locked" : "vcam does not answer";
    part("phase").dataset.level = "bad";
    return;
  }
  part("door").hidden = true;
  const levels = Object.entries(told).map(([name, camera]) => draw(name, camera));
  for (const [name, card] of cards) if (!(name in told)) { card.remove(); cards.delete(name); }
  const live = levels.filter((level) => level === "live").length;
  part("phase").textContent = `${live} of ${levels.length} live`;
  part("phase").dataset.level = levels.includes("bad") ? "bad" : live === levels.length ? "live" : "wait";
}

const all = (word) => attempt(() => Promise.all([...cards.keys()].map((name) => command(name, word))));
part("pause").onclick = () => all("pause");
part("panic").onclick = () => all("panic");
part("resume").onclick = () => all("resume");
part("door").onsubmit = (event) => {
  event.preventDefault();
  attempt(() => post("/session", { token: part("token").value }));
};

setInterval(look, 1000);
look();
