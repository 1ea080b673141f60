// Redoc shows its maker's logo from elsewhere. The documentation works offline, so a picture from elsewhere is an empty one.
const EMPTY = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";
const { prototype } = HTMLImageElement;
const setAttribute = prototype.setAttribute;
const src = Object.getOwnPropertyDescriptor(prototype, "src");

function ours(address) {
  const { host, protocol } = new URL(address, document.baseURI);
  return protocol === "data:" || host === window.location.host ? address : EMPTY;
}

prototype.setAttribute = function (name, value) {
  setAttribute.call(this, name, name === "src" ? ours(value) : value);
};

Object.defineProperty(prototype, "src", {
  ...src,
  set(value) {
    src.set.call(this, ours(value));
  },
});
