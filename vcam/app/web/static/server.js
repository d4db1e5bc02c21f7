// What the panel asks of vcam, and how it hears of changes.

/** A refusal, with what to do about it. */
export class Refusal extends Error {
  constructor(status, { error = "vcam did not answer as expected", hint = "" } = {}) {
    super(hint ? `${error}\n${hint}` : error);
    this.status = status;
  }
}

export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Refusal(0, { error: "vcam does not answer", hint: "Is it still running?" });
  }
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => ({})));
  return answer;
}

export const get = async (path) => (await ask(path)).json();

/** Tells vcam to do something; the state afterwards. */
export async function command(word, values = {}) {
  const path = `/commands/${word.split(" ").map(encodeURIComponent).join("/")}`;
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) };
  return (await ask(path, options)).json();
}

/** Sends a file, as a background or to another path; `progress` hears of the share that is there. */
export function upload(file, progress, path = `/backgrounds?name=${encodeURIComponent(file.name)}`, signal = null) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => progress(event.loaded / Math.max(event.total, 1));
    request.onload = () => (request.status === 201 ? done(request.response)
      : failed(new Refusal(request.status, request.response ?? {})));
    request.onerror = () => failed(new Refusal(0, { error: `${file.name} was not taken`, hint: "It may be too large." }));
    request.onabort = () => failed(new Refusal(0, { error: `${file.name} was not brought` }));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** Calls `told` with every state, and `lost` while there is none. */
export function follow(told, lost) {
  const events = new EventSource("/events");
  events.onmessage = (event) => told(JSON.parse(event.data));
  events.onerror = () => {
    lost();
    if (events.readyState === EventSource.CLOSED) setTimeout(() => follow(told, lost), 1500);
  };
  return events;
}
