// Files that are cut out beside the live picture: brought, watched, taken home.
import { ask, get, upload } from "./server.js";
import { attempt, element, say } from "./page.js";

const part = (id) => document.getElementById(id);
const LOOK_MS = 700;
let known = [], looking = null;
const bringing = new Map();

const percent = (share) => `${Math.round(share * 100)} %`;

function words({ stage, share, error, hint, notes }) {
  if (stage === "failed") return hint ? `${error}: ${hint}` : error;
  return { uploading: `Bringing it … ${percent(share)}`, waiting: "Waiting for its turn", working: `Working … ${percent(share)}`,
    done: notes.join(" · ") || "Done" }[stage];
}

function picture({ id, result }) {
  const source = `/cutouts/${id}/result`;
  if (/\.(png|jpe?g|webp|gif|apng)$/i.test(result)) return element("img", { src: source, alt: `Cut-out ${result}` });
  const film = element("video", { src: source, muted: true, loop: true, autoplay: true, playsInline: true });
  film.setAttribute("aria-label", `Cut-out ${result}`);
  return film;
}

function line(job) {
  const told = element("small", { className: job.stage === "failed" ? "wrong" : "", textContent: words(job) });
  const what = element("div", { className: "what" }, element("b", { textContent: job.result || job.name, title: job.name }), told);
  const made = element("li", { className: job.stage }, what);
  made.dataset.id = job.id;
  if (job.stage === "done") {
    made.prepend(element("div", { className: "checker" }, picture(job)));
    what.append(element("a", { className: "button primary", href: `/cutouts/${job.id}/result`, download: job.result, textContent: "Save" }));
  } else if (job.stage !== "failed") {
    const bar = element("progress", { max: 1, value: job.share });
    bar.setAttribute("aria-label", `Cutting out ${job.name}`);
    what.append(bar);
  }
  const stop = element("button", { type: "button", className: "icon", textContent: "×" });
  stop.setAttribute("aria-label", `${job.stage === "done" || job.stage === "failed" ? "Remove" : "Cancel"} ${job.name}`);
  stop.addEventListener("click", () => (bringing.has(job.id) ? bringing.get(job.id).abort() : remove(job.id)));
  made.append(stop);
  return made;
}

/** Draws what has changed in kind; what only got further keeps its line, and the focus in it. */
function draw(jobs) {
  const list = part("cutouts");
  const lines = new Map([...list.children].map((one) => [one.dataset.id, one]));
  list.replaceChildren(...jobs.map((job) => {
    const there = lines.get(job.id);
    if (!there?.classList.contains(job.stage)) return line(job);
    const bar = there.querySelector("progress");
    if (bar) { bar.value = job.share; there.querySelector("small").textContent = words(job); }
    return there;
  }));
}

const uploads = new Map();
const redraw = () => draw([...known, ...uploads.values()]);

async function look() {
  const found = await get("/cutouts").catch(() => null);
  if (found) {
    for (const job of found) {
      const before = known.find(({ id }) => id === job.id);
      if (before && before.stage !== "done" && job.stage === "done") say(`${job.result} is done`);
    }
    // While a file is being brought, its own line tells of it.
    known = found.filter(({ stage, name }) => !(stage === "waiting" && [...uploads.values()].some((one) => one.name === name)));
    redraw();
  }
  const busy = uploads.size || known.some(({ stage }) => stage === "waiting" || stage === "working");
  looking = busy ? setTimeout(look, LOOK_MS) : null;
}

const lookSoon = () => { looking ??= setTimeout(look, 0); };

async function remove(id) {
  await attempt(ask(`/cutouts/${id}`, { method: "DELETE" }));
  known = known.filter((job) => job.id !== id);
  redraw();
}

export async function add(files) {
  for (const file of files) {
    const id = `upload-${file.name}-${performance.now()}`, aborting = new AbortController();
    bringing.set(id, aborting);
    uploads.set(id, { id, name: file.name, stage: "uploading", share: 0, notes: [], result: "" });
    redraw();
    const path = `/cutouts?quality=${part("cutout-quality").value}&name=${encodeURIComponent(file.name)}`;
    const progress = (share) => { uploads.get(id).share = share; redraw(); };
    await attempt(upload(file, progress, path, aborting.signal));
    bringing.delete(id);
    uploads.delete(id);
    redraw();
    lookSoon();
  }
}

export function begin() {
  part("cutout-file").addEventListener("change", (event) => { add([...event.target.files]); event.target.value = ""; });
  lookSoon();
}
