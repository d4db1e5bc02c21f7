// The picture: read from the stream part by part, and drawn. Nobody looks at a hidden page: then vcam rests.
import { ask } from "./server.js";

const part = (id) => document.getElementById(id);
const [stage, picture, empty, facts, divider] = ["stage", "picture", "empty", "facts", "divider"].map(part);
const [before, after] = stage.querySelectorAll(".tag");
const context = picture.getContext("2d", { alpha: false });
const shownAt = [];
let view = "picture", watching = null, newest = null;

/** Reads a stream exactly as far as asked for. */
class Reader {
  constructor(body) { this.source = body.getReader(); this.bytes = new Uint8Array(0); }

  async more() {
    const { done, value } = await this.source.read();
    if (done) throw new Error("the stream has ended");
    const joined = new Uint8Array(this.bytes.length + value.length);
    joined.set(this.bytes);
    joined.set(value, this.bytes.length);
    this.bytes = joined;
  }

  take(count) {
    const taken = this.bytes.slice(0, count);
    this.bytes = this.bytes.subarray(count);
    return taken;
  }

  async head() {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.bytes.subarray(0, 1024));
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) { this.take(end + 4); return text.slice(0, end); }
      await this.more();
    }
  }

  async body(length) {
    while (this.bytes.length < length) await this.more();
    return this.take(length);
  }
}

function draw() {
  if (!newest) return;
  const { bitmap, shows } = newest, split = shows === "split";
  const width = bitmap.width, height = split ? bitmap.height / 2 : bitmap.height;
  if (picture.width !== width || picture.height !== height) Object.assign(picture, { width, height });
  stage.style.setProperty("--ratio", width / height);
  for (const mark of [before, after, divider]) mark.hidden = !split;
  if (!split) { context.drawImage(bitmap, 0, 0); return; }
  const edge = Math.round(width * divider.value / 100);
  context.drawImage(bitmap, 0, height, width, height, 0, 0, width, height);
  if (edge > 0) context.drawImage(bitmap, 0, 0, edge, height, 0, 0, edge, height);
  context.fillStyle = "#fff";
  context.fillRect(edge - 1, 0, 2, height);
}

async function show(jpeg, head) {
  const bitmap = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
  newest?.bitmap.close();
  newest = { bitmap, shows: /x-shows: (\w+)/i.exec(head)?.[1] ?? "picture" };
  picture.dataset.shows = newest.shows;
  draw();
  stage.classList.remove("blank", "stale");
  empty.hidden = true;
  shownAt.push(performance.now());
}

async function watch(signal) {
  const headers = { Accept: "application/octet-stream", ...(view === "split" ? { "X-Vcam-Show-Room": "yes" } : {}) };
  const width = Math.min(Math.ceil(stage.clientWidth * devicePixelRatio), 800);
  const answer = await ask(`/view/${view}?width=${Math.max(width, 320)}`, { signal, headers });
  const reader = new Reader(answer.body);
  for (;;) {
    const head = await reader.head();
    await show(await reader.body(Number(/content-length: (\d+)/i.exec(head)[1])), head);
  }
}

async function keepWatching() {
  while (!document.hidden) {
    const mine = watching = new AbortController();
    try {
      await watch(mine.signal);
    } catch (error) {
      if (document.hidden) break;
      if (mine.signal.aborted) continue;
      stage.classList.add("stale");
      if (error.status === 403) { choose("picture"); dispatchEvent(new CustomEvent("refused", { detail: error })); continue; }
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
  watching = null;
}

function tell() {
  const now = performance.now();
  while (shownAt.length && shownAt[0] < now - 2000) shownAt.shift();
  if (empty.hidden && !shownAt.length) stage.classList.add("stale");
}

/** Looks at something else: "picture", "split" (the caller has asked the user) or "matte". */
export function choose(wanted) {
  view = wanted;
  document.querySelector(`input[name=view][value=${wanted}]`).checked = true;
  picture.setAttribute("aria-label", { picture: "Live picture, as others see it", matte: "What vcam takes for you, in white",
    split: "Camera on the left, what others see on the right" }[wanted]);
  watching?.abort();
}

export function tellFacts(size) {
  tell();
  facts.textContent = `${size.replace("x", " × ")} · shown at ${Math.round(shownAt.length / 2)} fps`;
}

export function begin() {
  document.addEventListener("visibilitychange", () => (document.hidden ? watching?.abort() : watching || keepWatching()));
  divider.addEventListener("input", draw);
  part("full").hidden = !document.fullscreenEnabled;
  part("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()));
  keepWatching();
}
