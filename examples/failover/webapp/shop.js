'use strict';

/*
 * The page talks to two addresses: to the shop through the balancer, from which it came, and to the launcher's control
 * server, whose port and token stand in the fragment of the printed address.
 */
const $ = id => document.getElementById(id);
const QUICK = ['Rope', 'Anchor', 'Lantern', 'Tea'];
const STATUS_EVERY_MS = 500;
const RETRIES_AFTER_KILL = 8;

const control = readControl();
let last = null;           // the shop's last answer
let killed = null;         // {node, items, user} when the node that served us was killed
let nodesShown = '';

function readControl() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (fragment.has('control') && fragment.has('token')) {
    sessionStorage.setItem('control', fragment.get('control'));
    sessionStorage.setItem('token', fragment.get('token'));
    history.replaceState(null, '', location.pathname);
  }
  const port = sessionStorage.getItem('control');
  return port ? {base: `http://127.0.0.1:${port}`, token: sessionStorage.getItem('token')} : null;
}

/* ---- small helpers ---- */

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') made.addEventListener('click', value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const nodeName = name => element('span', {class: `${name}-text`}, name);
const pause = ms => new Promise(done => setTimeout(done, ms));

function tell(kind, ...content) {
  const now = new Date();
  const time = element('time', {datetime: now.toISOString()}, now.toLocaleTimeString('en-GB'));
  $('history').prepend(element('li', {}, time, element('span', {class: kind}, ...content)));
}

function banner(kind, text) {
  $('banner').className = `banner ${kind}`;
  $('banner').textContent = text;
  $('banner').hidden = false;
}

/* ---- the shop ---- */

async function ask(path, form) {
  const request = form === undefined ? {} : {method: 'POST', body: new URLSearchParams(form)};
  const response = await fetch(path, request);
  if (!response.ok) {
    const failure = new Error(`the balancer or the shop answered ${response.status}`);
    failure.status = response.status;
    throw failure;
  }
  return response.json();
}

/* Changes something, then reads: only the next request shows which cookies the answer has set. */
async function change(path, form, ...words) {
  try {
    const answer = await ask(path, form);
    tell('', ...words, ', answered by ', nodeName(answer.node));
    show(answer);
    await read();
    return true;
  } catch (failure) {
    tell('bad', ...words, ` was refused: ${failure.message}`);
    return failure.status === 403 ? 'unknown' : false;
  }
}

async function read() {
  show(await ask('cart'));
}

function show(answer) {
  const moved = last && last.session && last.node !== answer.node;
  const lost = last && last.session && (last.items.length > 0 || last.user)
      && answer.items.length < last.items.length && !answer.session;
  if (lost) {
    tell('bad', nodeName(answer.node), ' has never heard of this session');
    banner('bad', `The session is gone: ${answer.node} starts from nothing.`);
  } else if (moved && answer.session) {
    tell('good', 'Your session moved from ', nodeName(last.node), ' to ', nodeName(answer.node));
  }
  if (killed && answer.node !== killed.node && answer.session) {
    const whole = answer.items.length === killed.items && answer.user === killed.user;
    banner(whole ? 'good' : 'bad', whole
        ? `${killed.node} died with kill -9. ${answer.node} went on: ${things(answer.items.length)}`
          + (answer.user ? `, and you are still ${answer.user}.` : '.')
        : `${killed.node} died with kill -9, and ${answer.node} does not have the whole cart.`);
    killed = null;
  }
  last = answer;
  drawShop();
}

const things = count => count === 0 ? 'the cart is as empty as before'
    : count === 1 ? 'the one thing in the cart is there' : `all ${count} things in the cart are there`;

function drawShop() {
  const {node, container, session, user, items, changes, cookies} = last;
  $('answered').replaceChildren('Answered by ', nodeName(node), ', ', element('span', {id: 'container'}, container), ...(session
      ? [', session ', element('span', {class: 'mono', id: 'session'}, `${session}…`)] : [', without a session']));
  $('login').hidden = Boolean(user);
  $('who').replaceChildren(...(user
      ? [element('span', {}, 'Logged in as ', element('b', {id: 'user'}, user)),
         element('button', {class: 'quiet', type: 'button', onclick: logOut}, 'Log out')]
      : [element('span', {}, 'Not logged in')]));
  $('items').replaceChildren(...items.map(item => element('li', {'data-item': item.name},
      element('span', {}, item.name),
      element('span', {class: 'from'}, 'added on ', nodeName(item.addedOn)),
      element('button', {class: 'quiet', type: 'button', 'aria-label': `Remove ${item.name}`,
        onclick: () => change('cart/remove', {item: item.name}, `Removed ${item.name}`)}, '×'))));
  $('empty').hidden = items.length > 0;
  $('changes').textContent = changes === 0 ? '' : `Changed ${changes} ${changes === 1 ? 'time' : 'times'}. `
      + 'The cart is one object in the session, changed where it lies, without setAttribute.';
  $('cookies').replaceChildren(...(Object.entries(cookies).length
      ? Object.entries(cookies).map(([name, value]) => element('tr', {},
          element('th', {scope: 'row', class: 'mono'}, name), element('td', {class: 'mono'}, value)))
      : [element('tr', {}, element('td', {}, 'none'))]));
}

async function logOut() {
  try {
    const answer = await ask('logout', {});
    tell('', 'Logged out, answered by ', nodeName(answer.node));
    last = null;
    $('banner').hidden = true;
    show(answer);
    await read();
  } catch (failure) {
    tell('bad', `Logging out was refused: ${failure.message}`);
  }
}

/* ---- the nodes ---- */

async function command(path, method = 'GET') {
  const response = await fetch(control.base + path, {method, headers: {Authorization: `Bearer ${control.token}`}});
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function drawStatus(status) {
  const key = JSON.stringify([status, last && last.node]);
  if (key === nodesShown) return;
  nodesShown = key;
  $('lead').textContent = status.manager === 'holdfast'
      ? 'Two Tomcats and a Jetty behind a balancer. One of them holds your session in its memory, and every change is in'
        + ' Redis before the answer leaves.'
      : 'Two Tomcats and a Jetty behind a balancer, without Holdfast: a session lives and dies with its node.';
  $('parts').replaceChildren(...status.parts.map(part => element('li', {}, part)));
  $('nodes').replaceChildren(...status.nodes.map(drawNode));
}

function drawNode(node) {
  const state = node.state.toLowerCase();
  const yours = last && last.session && last.node === node.name;
  const sessions = node.sessions === 1 ? 'session' : 'sessions';
  const counted = state === 'dead' ? `${sessions} left behind and not yet answered elsewhere`
      : `${sessions} answered last by this process`;
  return element('article', {class: `node ${node.name} ${state}`, id: `node-${node.name}`},
      element('h2', {}, node.name, ...(yours ? [element('span', {class: 'badge'}, 'answers you')] : [])),
      element('span', {class: `state ${state}`}, state),
      element('span', {class: 'server'}, `${node.server}, port ${node.port}` + (node.pid ? `, process ${node.pid}` : '')),
      element('div', {class: 'count'}, element('b', {}, String(node.sessions)), element('span', {}, counted)),
      element('div', {class: 'actions'}, state === 'dead'
          ? element('button', {class: 'primary start', type: 'button', onclick: () => start(node.name)}, 'Start it again')
          : element('button', {class: 'kill', type: 'button', onclick: () => kill(node.name)},
              element('code', {}, 'kill -9'), ` ${node.name}`)));
}

async function kill(name) {
  try {
    if (last && last.node === name && last.session) {
      killed = {node: name, items: last.items.length, user: last.user};
    }
    drawStatus(await command(`/kill?node=${name}`, 'POST'));
    tell('bad', `kill -9 ${name}`);
    await readUntilAnswered();
  } catch (failure) {
    tell('bad', `${name} was not killed: ${failure.message}`);
  }
}

async function readUntilAnswered() {
  for (let i = 0; i < RETRIES_AFTER_KILL; i++) {
    try {
      await read();
      return await read();   // the second one brings the cookies that the first one has set
    } catch (failure) {
      tell('bad', `Reading the cart was refused: ${failure.message}`);
      await pause(STATUS_EVERY_MS);
    }
  }
}

async function start(name) {
  try {
    drawStatus(await command(`/start?node=${name}`, 'POST'));
    tell('', 'Starting ', nodeName(name));
  } catch (failure) {
    tell('bad', `${name} was not started: ${failure.message}`);
  }
}

async function watchNodes() {
  for (;;) {
    try {
      drawStatus(await command('/status'));
    } catch (failure) {
      $('lead').textContent = `The launcher does not answer (${failure.message}). Does it still run?`;
      await pause(4 * STATUS_EVERY_MS);
    }
    await pause(STATUS_EVERY_MS);
  }
}

/* ---- start ---- */

$('login').addEventListener('submit', async event => {
  event.preventDefault();
  const form = Object.fromEntries(new FormData(event.target));
  if (await change('login', form, `Logged in as ${form.user}`) === 'unknown') {
    banner('bad', 'This user or password is not known. Try ada with password ada.');
  }
});
$('add').addEventListener('submit', async event => {
  event.preventDefault();
  const item = new FormData(event.target).get('item');
  const added = await change('cart/add', {item}, `Added ${item}`);
  // What was typed meanwhile stays.
  if (added === true && event.target.elements.namedItem('item').value === item) event.target.reset();
});
$('reload').addEventListener('click', async () => {
  try {
    await read();
    tell('', 'Asked again, answered by ', nodeName(last.node));
  } catch (failure) {
    tell('bad', `Reading the cart was refused: ${failure.message}`);
  }
});
$('quick').append(...QUICK.map(name => element('button',
    {class: 'quiet', type: 'button', onclick: () => change('cart/add', {item: name}, `Added ${name}`)}, name)));

/* On a busy machine the nodes may take longer for their first pages than after a kill. */
async function begin() {
  await readUntilAnswered();
  while (!last) {
    await pause(STATUS_EVERY_MS);
    await read().then(read).catch(() => null);
  }
}

begin();
if (control) watchNodes();
else $('lead').textContent = 'Without the token of this run the page cannot kill nodes: open the address that run has printed.';
