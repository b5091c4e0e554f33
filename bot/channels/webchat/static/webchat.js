// The talk on the page: what the reader says goes out as events, what the library says is fetched and shown.
"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const log = find("log");
  const shown = new Map(); // id → the article it stands in; an edit and what it replaced share one
  const failed = new Set(); // how to send again what has not gone out
  let words = JSON.parse(document.body.dataset.words);
  let cursor = 0; // the last message of the library we have
  let heard = ""; // the reader's last line that an answer held: what another tab says comes after it
  let begun = false; // has the talk so far been read?
  let misses = 0; // polls in a row that got no answer
  let lastTouch = Date.now();
  let lastTime = 0; // of the line shown last
  let line = Promise.resolve(); // events leave one after another, in the order they were made
  let timer = 0;
  let unread = 0;
  let lastClick = -Infinity;
  let title = document.title;

  // ---- building what is shown ----------------------------------------------------------------------------------

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function ownOrigin(address) {
    try {
      return new URL(address, location.href).origin === location.origin;
    } catch {
      return false;
    }
  }

  function spoken(text) {
    const paragraph = make("p");
    for (const part of text.split(/(https?:\/\/[^\s<>"'，。；！？、）】》]+)/)) {
      const isLink = /^https?:\/\//.test(part) && ownOrigin(part);
      const piece = isLink ? make("a", "", part) : document.createTextNode(part);
      if (isLink) piece.href = part;
      paragraph.append(piece);
    }
    const box = make("div", "words");
    box.append(paragraph);
    return box;
  }

  function linkButton(button) {
    const link = make("a", "button", button.label);
    link.href = button.url;
    if (!ownOrigin(button.url)) {
      link.target = "_blank";
      link.rel = "noopener noreferrer";
    }
    return link;
  }

  function actionButton(button, message) {
    const element = make("button", "", button.label);
    element.type = "button";
    element.dataset.action = button.action;
    element.addEventListener("click", () => press(element, button, message));
    return element;
  }

  function buttonRow(buttons, message) {
    const row = make("div", "buttons");
    for (const button of buttons) {
      const isLink = !button.ask && /^(https?:\/\/|\/(?!\/))/.test(button.url);
      if (isLink) row.append(linkButton(button));
      else if (button.action || button.ask) row.append(actionButton(button, message));
    }
    return row;
  }

  function cover(card) {
    const element = make("div", "cover");
    element.dataset.class = card.class;
    element.setAttribute("aria-hidden", "true");
    element.append(make("span", "", slip(card.title)));
    return element;
  }

  /** The beginning without a word that would be cut in two, where another stands before it. */
  function whole(kept, rest) {
    const before = /^[\w'’]/.test(rest) ? kept.replace(/([^\w'’])[\w'’]+$/, "$1") : kept;
    return (before || kept).trim();
  }

  /** As much of the title, without its subtitle, as two upright columns hold; a letter is narrower than a character. */
  function slip(title) {
    const short = title.split(/[：:（(=]/)[0].trim() || title;
    let room = 10;
    for (const [at, letter] of [...short].entries()) {
      room -= letter > "\u2e80" ? 1 : 0.75;
      if (room < 0) return whole([...short].slice(0, at - 1).join(""), [...short].slice(at - 1).join("")) + "…";
    }
    return short;
  }

  function book(card, message) {
    const element = make("section", "card");
    const about = make("div", "about");
    if (card.n) about.append(make("p", "number", String(card.n)));
    const name = make("h2", "", `《${card.title}》`);
    name.id = newId();
    about.append(name);
    element.setAttribute("role", "group"); // so that it is heard which book 「借这本」 would borrow
    element.setAttribute("aria-labelledby", name.id);
    for (const part of ["line", "shelf", "available"]) {
      if (card[part]) about.append(make("p", part, card[part].replaceAll(" · ", "\u00a0· ")));
    }
    element.append(cover(card), about);
    if (card.buttons.length) element.append(buttonRow(card.buttons.slice(0, 3), message));
    return element;
  }

  function libraryParts(message) {
    const parts = [make("p", "who", words.library)];
    if (message.lead) parts.push(spoken(message.lead));
    if (message.cards.length) {
      const cards = make("div", "cards");
      cards.append(...message.cards.map((card) => book(card, message.id)));
      parts.push(cards);
    }
    if (message.qr) {
      const picture = make("img", "qr");
      Object.assign(picture, { src: message.qr, alt: words.qr, width: 216, height: 216 });
      picture.addEventListener("load", () => nearEnd() && toEnd(), { once: true });
      parts.push(picture);
    }
    if (message.picture) {
      const picture = make("img", "picture");
      Object.assign(picture, { src: message.picture, alt: words.picture });
      picture.addEventListener("load", () => nearEnd() && toEnd(), { once: true });
      picture.addEventListener("error", () => picture.remove(), { once: true }); // it has gone with its time
      parts.push(picture);
    }
    const rows = rowsBeside(message);
    if (rows.length) {
      const box = make("div", "rows");
      box.append(...rows.map((row) => buttonRow(row, message.id)));
      parts.push(box);
    }
    markNext(parts, message);
    return parts;
  }

  /** The message's own buttons, without those that stand on its cards already. */
  function rowsBeside(message) {
    const onCards = new Set(message.cards.flatMap((card) => card.buttons).map((button) => button.action).filter(Boolean));
    return message.buttons.map((row) => row.filter((button) => !onCards.has(button.action))).filter((row) => row.length);
  }

  /** The one thing to do next is red: a lone book's first button, or the first of a few choices; never one of many. */
  function markNext(parts, message) {
    const choices = message.cards.length ? message.cards.flatMap((card) => card.buttons) : message.buttons.flat();
    if (message.cards.length > 1 || choices.length > 4) return;
    parts.map((part) => part.querySelector(".buttons > *")).find(Boolean)?.classList.add("next");
  }

  function readerArticle(text) {
    const article = make("article", "reader");
    article.append(make("p", "who", words.me), spoken(text));
    return article;
  }

  // ---- putting it into the log ---------------------------------------------------------------------------------

  const nearEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  const toEnd = () => (log.scrollTop = log.scrollHeight);

  /** As far down as it goes without pushing out the beginning of the answer and the line it answers. */
  function bringUp(article) {
    const before = article.previousElementSibling;
    const top = before?.classList.contains("reader") ? before : article;
    log.scrollTop = top.offsetTop - log.offsetTop - 14;
  }

  function addMoment(at, before = null) {
    const time = Date.parse(at);
    if (time - lastTime > 30 * 60 * 1000) {
      const day = { month: "long", day: "numeric", weekday: "short" };
      const hour = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
      const format = { ...day, ...hour, timeZone: "Asia/Shanghai" };
      const language = document.documentElement.lang;
      const said = new Date(time).toLocaleString(language === "en" ? "en-GB" : language, format);  // Fri 20 November, as in the talk
      const element = make("time", "moment", said);
      element.dateTime = at;
      log.insertBefore(element, before);
    }
    lastTime = Math.max(lastTime, time);
  }

  function replace(article, message) {
    const focused = article.contains(document.activeElement) && document.activeElement;
    article.replaceChildren(...libraryParts(message));
    if (!focused) return;
    const buttons = [...article.querySelectorAll("button, a")];
    const same = buttons.find((button) => focused.dataset.action && button.dataset.action === focused.dataset.action);
    (same || buttons[0] || article).focus({ preventScroll: true });
  }

  /** A press that was answered above leaves no line without an answer at the end. */
  function dropPressed(living) {
    const last = log.lastElementChild;
    if (!last?.classList.contains("reader") || last.classList.contains("waiting")) return;
    last.remove();
    living.scrollIntoView({ block: "nearest" });
  }

  function addFromLibrary(message) {
    const living = message.edits && shown.get(message.edits);
    if (living) {
      replace(living, message);
      shown.set(message.id, living);
      dropPressed(living);
      return null;
    }
    addMoment(message.at);
    const article = make("article", begun ? "library arrives" : "library");
    article.tabIndex = -1;
    article.append(...libraryParts(message));
    shown.set(message.id, article);
    log.append(article);
    return article;
  }

  /** A line from before a reload or from another tab; of a press there, what the button says here. */
  function addFromReader(message) {
    const buttons = [...log.querySelectorAll("button")];
    const text = message.text || buttons.findLast((button) => button.dataset.action === message.press)?.textContent;
    if (!text) return;
    addMoment(message.at);
    const article = readerArticle(text);
    shown.set(message.id, article);
    log.append(article);
  }

  /** Show messages we do not have yet, and bring the first new one into sight without pushing its beginning out. */
  function show(messages, follow) {
    const stay = !follow && begun && !nearEnd();
    let first = null;
    for (const message of messages) {
      if (message.from === "reader") heard = message.id;
      if (shown.has(message.id)) continue;
      if (message.from === "reader") {
        addFromReader(message);
        continue;
      }
      cursor = Math.max(cursor, message.id);
      first = addFromLibrary(message) || first;
      if (message.toast && begun) toast(message.toast);
    }
    const waiting = log.querySelector(".writing");
    if (waiting) log.append(waiting);
    if (first && stay) find("newer").hidden = false;
    else if (first && begun) bringUp(first);
    else if (!begun) toEnd();
    if (first && document.hidden) document.title = `(${++unread}) ${title}`;
  }

  let toastTimer = 0;
  function toast(text, stays) {
    const atEnd = nearEnd();
    find("toast").textContent = text;
    if (atEnd && begun) toEnd(); // it covers nothing: the talk has made room below itself
    clearTimeout(toastTimer);
    if (!stays) toastTimer = setTimeout(() => (find("toast").textContent = ""), 4000);
  }

  function writing(on) {
    log.querySelector(".writing")?.remove();
    if (!on) return;
    log.append(make("p", "writing", words.writing));
    if (nearEnd()) toEnd();
  }

  // ---- sending -------------------------------------------------------------------------------------------------

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID(); // only where the page came over https or from this machine
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function say(event, text, pressed) {
    lastTouch = Date.now();
    const whole = { id: newId(), ...event };
    const article = text ? readerArticle(text) : make("article", "library");
    if (shown.has(whole.id)) return;
    article.pressed = pressed;
    shown.set(whole.id, article);
    if (text) {
      log.append(article);
      toEnd();
    }
    send(whole, article);
  }

  function send(event, article) {
    article.classList.add("waiting");
    article.querySelector(".failure")?.remove();
    line = line.then(() => post(event, article));
  }

  async function post(event, article) {
    const slow = setTimeout(() => writing(true), 600);
    try {
      const response = await (event.photo ? postPhoto(event) : postEvent(event));
      const answer = await response.json();
      article.classList.remove("waiting");
      if (response.status < 500) article.pressed?.removeAttribute("aria-disabled"); // what was asked may be asked again
      if (response.ok) sent(event, article, answer);
      else if (response.status < 500) refuse(article, answer.error);
      else keepForLater(event, article, words.unsaved);
    } catch {
      article.classList.remove("waiting");
      keepForLater(event, article, navigator.onLine ? words.unsaved : words.unsent);
    } finally {
      clearTimeout(slow);
      writing(false);
      schedule();
    }
  }

  const postEvent = (event) =>
    fetch("/chat/events", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...event, after: cursor, heard }),
      signal: AbortSignal.timeout(20000),
    });

  const postPhoto = (event) =>
    fetch(`/chat/photo?${new URLSearchParams({ id: event.id, after: cursor, heard })}`, {
      method: "POST",
      headers: { "Content-Type": event.photo.type || "image/unknown" },
      body: event.photo,
      signal: AbortSignal.timeout(60000),
    });

  function sent(event, article, answer) {
    if (event.text && kept() === event.text) keep(find("composer").value);
    const answered = answer.messages.findLast((message) => message.from === "library");
    if (answered && article.isConnected) addMoment(answered.at, article); // by the library's clock, not this device's
    take(answer, true);
  }

  function refuse(article, reason) {
    article.append(make("p", "problem failure", reason || ""));
    if (!article.isConnected) log.append(article);
    toEnd();
  }

  /** The reader's words stay, with a button that sends the very same event: the library takes it once at most. */
  function keepForLater(event, article, label) {
    if (event.text && !find("composer").value) keep(event.text); // a reload finds it in the pen
    const again = make("button", "again failure", label);
    again.type = "button";
    const resend = () => {
      failed.delete(resend);
      if (again.contains(document.activeElement)) find("composer").focus({ preventScroll: true });
      send(event, article);
    };
    again.addEventListener("click", resend, { once: true });
    failed.add(resend);
    article.append(again);
    if (!article.isConnected) log.append(article);
    toEnd();
  }

  function press(element, button, message) {
    if (element.getAttribute("aria-disabled") === "true") return;
    if (button.ask === "location") return askPlace();
    if (button.ask === "phone") return askPhone();
    if (button.ask === "photo") return find("photo").click();
    if (button.ask === "share") return share(button);
    element.setAttribute("aria-disabled", "true"); // until it is answered; not `disabled`: that would lose the focus
    say({ press: button.action, message }, button.label, element);
  }

  function askPlace() {
    const found = (place) => say({ location: [place.coords.latitude, place.coords.longitude] }, words.place);
    const lost = () => {
      toast(words.no_place);
      find("composer").focus();
    };
    if (!navigator.geolocation) return lost();
    navigator.geolocation.getCurrentPosition(found, lost, { timeout: 10000, maximumAge: 60000 });
  }

  /** The page's own way of sending on: the device's, or the link to paste. */
  async function share(button) {
    const link = new URL(button.url, location.href).href;
    try {
      if (navigator.share) return await navigator.share({ url: link });
      await navigator.clipboard.writeText(link);
      toast(words.copied);
    } catch (error) {
      if (error.name !== "AbortError") toast(words.uncopied + link, true); // Abort: thought better of it
    }
  }

  /** The photo with its longer side at most 1600, so that it travels fast; as it is where this browser cannot draw it. */
  async function smaller(file) {
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, 1600 / Math.max(picture.width, picture.height));
      const canvas = make("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85))) || file;
    } catch {
      return file;
    }
  }

  function askPhone() {
    toast(words.phone);
    find("composer").inputMode = "tel";
    find("composer").focus();
  }

  function sayWritten() {
    const composer = find("composer");
    const text = composer.value.trim();
    if (!text) return;
    composer.value = "";
    keep("");
    composer.inputMode = "text";
    grow();
    say({ text }, text);
  }

  /** What is half written outlives a reload and another language, in this tab; not where a browser keeps nothing. */
  function keep(text) {
    try {
      sessionStorage.setItem("composer", text);
    } catch {}
  }

  function kept() {
    try {
      return sessionStorage.getItem("composer") || "";
    } catch {
      return "";
    }
  }

  function takeUp() {
    find("composer").value ||= kept();
    grow();
  }

  function grow() {
    const composer = find("composer");
    composer.style.height = "auto";
    composer.style.height = composer.scrollHeight + 2 + "px";
  }

  // ---- listening -----------------------------------------------------------------------------------------------

  function take(answer, follow) {
    if (answer.anew) return location.reload(); // the library was put back to an earlier day: its numbers begin again there
    show(answer.messages, follow);
    const { lang, classList } = document.documentElement;
    if (answer.language === lang && answer.large === classList.contains("large")) return;
    speak(answer.language, answer.large).catch(() => {}); // the next poll tries again
  }

  async function poll() {
    clearTimeout(timer);
    try {
      const response = await fetch(`/chat/messages?${new URLSearchParams({ after: cursor, heard })}`, { signal: AbortSignal.timeout(15000) });
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      if (misses > 1) toast("");
      misses = 0;
      take(answer, false);
      if (!begun) {
        begun = true;
        setTimeout(begin, shown.size ? 300 : 0); // a screen reader takes note of what changed a moment later
      }
    } catch {
      if (++misses === 2) toast(words.unreached, true);
    }
    schedule();
  }

  function pause() {
    if (misses) return Math.min(60000, 2000 * 2 ** misses);
    if (document.hidden) return 30000;
    const idle = Date.now() - lastTouch;
    return idle < 120000 ? 2000 : idle < 600000 ? 5000 : 15000;
  }

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(poll, pause());
  }

  /** The talk so far is shown, and not read out: what comes now is. A deep link opens what it names; an empty talk
   * begins with the library's greeting. */
  function begin() {
    log.setAttribute("aria-live", "polite");
    const start = document.body.dataset.start;
    if (start) {
      history.replaceState(null, "", "/");
      say({ start });
    } else if (!shown.size) {
      say({ id: "0-hello", start: "hello" }); // the same id from every tab: one greeting
    }
  }

  /** The talk has changed its language or its letters: the frame around it follows, without losing what is written. */
  async function speak(language, large) {
    const page = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
    document.documentElement.lang = language;
    const resized = document.documentElement.classList.contains("large") !== large;
    document.documentElement.classList.toggle("large", large);
    const sizing = document.activeElement?.closest(".size");
    words = JSON.parse(page.body.dataset.words);
    document.title = title = page.title;
    for (const name of ["skip", "header", "chips"]) {
      document.querySelector(`[data-frame=${name}]`).replaceChildren(...page.querySelector(`[data-frame=${name}]`).childNodes);
    }
    if (sizing) document.querySelector(".size button").focus();
    for (const id of ["log", "chips", "form", "composer"]) {
      for (const name of ["aria-label", "placeholder"]) {
        if (page.getElementById(id).hasAttribute(name)) find(id).setAttribute(name, page.getElementById(id).getAttribute(name));
      }
    }
    find("send").textContent = page.getElementById("send").textContent;
    find("newer").textContent = words.newer;
    if (!resized) return;
    grow();
    const last = [...log.querySelectorAll("article.library")].pop();
    if (last) bringUp(last);
  }

  // ---- hands ---------------------------------------------------------------------------------------------------

  // The talk moves as it is pressed: what a double tap finds under the finger the second time was not chosen.
  function onlyOnce(event) {
    if (!event.target.closest("#log button, #log a, #chips button, #newer")) return;
    const tooSoon = event.timeStamp - lastClick < 500;
    lastClick = event.timeStamp;
    if (!tooSoon) return;
    event.preventDefault();
    event.stopPropagation();
  }
  document.addEventListener("click", onlyOnce, { capture: true });

  find("form").addEventListener("submit", (event) => {
    event.preventDefault();
    sayWritten();
  });

  // The button for large letters says so in the talk, where the choice is kept.
  document.querySelector("header").addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = event.submitter;
    say({ text: value }, value);
  });

  find("composer").addEventListener("keydown", (event) => {
    const choosingCharacters = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || choosingCharacters) return;
    event.preventDefault();
    sayWritten();
  });

  find("composer").addEventListener("input", () => {
    lastTouch = Date.now();
    keep(find("composer").value);
    grow();
  });

  find("chips").addEventListener("click", (event) => {
    const chip = event.target.closest("button");
    if (chip?.dataset.opens) find(chip.dataset.opens).click();
    else if (chip) say({ text: chip.textContent }, chip.textContent);
  });

  find("photo").addEventListener("change", async () => {
    const file = find("photo").files[0];
    find("photo").value = ""; // the same picture may be chosen again
    if (file) say({ photo: await smaller(file) }, words.photo);
  });

  find("newer").textContent = words.newer;
  find("newer").addEventListener("click", toEnd);
  log.addEventListener("scroll", () => nearEnd() && (find("newer").hidden = true), { passive: true });

  addEventListener("online", () => {
    [...failed].forEach((resend) => resend());
    misses = 0;
    toast("");
    poll();
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unread = 0;
    document.title = title;
    poll();
  });

  // Phones whose keyboard covers the page instead of shrinking it (iOS): keep the pen above the keyboard.
  window.visualViewport?.addEventListener("resize", () => {
    const { height, scale } = window.visualViewport;
    const covered = scale === 1 && height < innerHeight - 1;
    document.documentElement.style.setProperty("--seen", covered ? `${height}px` : "100dvh");
    if (document.activeElement === find("composer")) toEnd();
  });

  log.setAttribute("aria-live", "off");
  takeUp();
  poll();
})();
