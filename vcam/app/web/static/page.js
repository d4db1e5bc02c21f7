// Small things that every part of the page uses.
const toast = document.getElementById("toast");
let hiding;

export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Says something for a few seconds. */
export function say(words) {
  toast.textContent = words;
  toast.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => toast.classList.remove("shown"), 5000);
}

/** Waits for what was asked; a refusal is said, and gives undefined. */
export async function attempt(asked) {
  try {
    return await asked;
  } catch (error) {
    say(error.message);
    return undefined;
  }
}
