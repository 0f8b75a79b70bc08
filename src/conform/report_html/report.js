'use strict';
// The report's data lie in the page as JSON; texts reach the page only as text nodes, never as markup.
const data = JSON.parse(document.getElementById('data').textContent);
const ROW = 30;               // pixels; as in the style sheet
const HEIGHT_MAX = 10000000;  // browsers do not scroll through taller elements
const PRINTED_MAX = 2000;     // issue rows on paper
const ISSUE = {rule: 0, dataset: 1, record: 2, subject: 3, sequence: 4, names: 5, values: 6, check: 7, truth: 8, operands: 9};
const SEVERITIES = ['error', 'warning', 'info'];
const STATUSES = ['issues', 'passed', 'skipped', 'not executable'];
const main = document.getElementById('main');
const filter = {text: '', rule: '', dataset: '', severity: ''};
let ruleStatus = '', ruleText = '', tab = 'Summary';

function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'class') node.className = value;
    else if (value !== undefined && value !== false) node.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== '') node.append(child);
  }
  return node;
}
const number = (n) => n.toLocaleString('en-US');
const plural = (n, word) => number(n) + ' ' + word + (n === 1 ? '' : 's');
const tag = (word) => el('span', {class: 'tag ' + word.replace(' ', '-')}, word);
const sum = (list, value) => list.reduce((total, item) => total + value(item), 0);

// --- summary

function bar(parts) {
  const shown = parts.filter((part) => part.count > 0);
  return [
    el('div', {class: 'bar'}, shown.map((part) => {
      const piece = el('i', {class: part.word.replace(' ', '-'), title: part.word + ': ' + number(part.count)});
      piece.style.flexGrow = part.count;
      return piece;
    })),
    el('div', {class: 'legend'}, parts.map((part) =>
      el('span', {}, el('i', {class: part.word.replace(' ', '-')}), number(part.count) + ' ' + part.word))),
  ];
}

function showSummary() {
  const severities = SEVERITIES.map((word) => ({
    word, count: sum(data.rules.filter((rule) => rule.severity === word), (rule) => rule.issues)}));
  const statuses = STATUSES.map((word) => ({word, count: data.rules.filter((rule) => rule.status === word).length}));
  const tile = (count, label, word, action) =>
    el('button', {class: 'number', type: 'button', onclick: action}, el('b', {class: word}, number(count)), el('span', {}, label));
  const bySeverity = (word) => () => openIssues({severity: word});
  main.append(
    el('div', {class: 'numbers'},
      severities.map(({word, count}) => tile(count, count === 1 ? word : word + 's', count ? word : 'soft', bySeverity(word))),
      tile(data.rules.length, 'rules', '', () => openRules('')),
      tile(data.datasets.length, 'datasets', '', () => open('Datasets')),
      tile(sum(data.datasets, (dataset) => dataset.rows), 'records', '', () => open('Datasets'))),
    el('div', {class: 'card'}, el('h2', {}, 'What became of the rules'), bar(statuses)));
  if (data.not_listed) main.append(el('p', {class: 'notice'}, data.not_listed));
  main.append(el('div', {class: 'card'}, el('h2', {}, 'Issues by rule and dataset'),
    data.counts.length === 0 ? el('p', {class: 'soft'}, 'No issues.') :
    el('table', {},
      el('thead', {}, el('tr', {}, ['Severity', 'Rule', 'Dataset', 'Message'].map((title) => el('th', {}, title)),
        el('th', {class: 'right'}, 'Issues'))),
      el('tbody', {}, data.counts.map(([rule, dataset, count]) => {
        const known = data.rules[rule];
        const go = () => openIssues({rule: known.id, dataset});
        return el('tr', {class: 'link', tabindex: 0, onclick: go, onkeydown: (event) => event.key === 'Enter' && go()},
          el('td', {}, tag(known.severity)), el('td', {class: 'mono'}, known.id), el('td', {class: 'mono'}, dataset),
          el('td', {}, known.message), el('td', {class: 'right'}, number(count)));
      })))));
  main.append(el('div', {class: 'card'}, el('h2', {}, 'This validation'),
    el('table', {class: 'values'}, el('tbody', {}, data.facts.map(([label, value]) =>
      el('tr', {}, el('td', {}, label), el('td', {class: 'wrap'}, value)))))));
}

// --- issues

function searchText(issue) {
  const rule = data.rules[issue[ISSUE.rule]];
  return [rule.id, rule.message, data.names[issue[ISSUE.dataset]], issue[ISSUE.record], data.names[issue[ISSUE.subject]],
    data.names[issue[ISSUE.names]], ...issue[ISSUE.values]].join(' ').toLowerCase();
}

function matchingIssues() {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return data.issues.filter((issue) => {
    const rule = data.rules[issue[ISSUE.rule]];
    if (filter.rule && rule.id !== filter.rule) return false;
    if (filter.severity && rule.severity !== filter.severity) return false;
    if (filter.dataset && data.names[issue[ISSUE.dataset]] !== filter.dataset) return false;
    if (words.length === 0) return true;
    const text = searchText(issue);
    return words.every((word) => text.includes(word));
  });
}

function pairs(issue) {
  const names = data.names[issue[ISSUE.names]].split(', ');
  return issue[ISSUE.values].map((value, i) => [names[i], value]);
}

function issueRow(issue, position, chosen, choose) {
  const rule = data.rules[issue[ISSUE.rule]];
  const shown = pairs(issue).map(([name, value]) => name + ' = ' + (value === '' ? '(empty)' : value)).join(',  ');
  const node = el('div', {class: 'row' + (chosen ? ' chosen' : ''), onclick: choose, role: 'row'},
    tag(rule.severity), el('span', {class: 'mono'}, rule.id), el('span', {class: 'mono'}, data.names[issue[ISSUE.dataset]]),
    el('span', {class: 'right'}, issue[ISSUE.record] === null ? '–' : number(issue[ISSUE.record])),
    el('span', {}, data.names[issue[ISSUE.subject]]), el('span', {class: 'mono', title: shown}, shown));
  node.style.top = position + 'px';
  return node;
}

function checkList(lines, issue) {
  let at = 0;
  return el('ul', {class: 'check'}, lines.map(([depth, text, operands, leaf], i) => {
    const truth = issue ? issue[ISSUE.truth][i] : '';
    const word = truth === '1' ? 'yes' : truth === '0' ? 'no' : 'left';
    const mark = !issue ? '·' : truth === '1' ? '✓' : truth === '0' ? '✗' : '–';
    const values = issue ? operands.map((name) => name + ': ' + issue[ISSUE.operands][at++]) : [];
    if (issue && truth === '-') values.push('left out: a variable is missing');
    const node = el('li', {class: word + (leaf ? ' leaf' : '')}, el('span', {class: 'mark'}, mark), el('span', {class: 'what'}, text),
      values.length ? el('span', {class: 'operands mono'}, values.join(', ')) : '');
    node.style.marginLeft = 18 * depth + 'px';
    return node;
  }));
}

function ruleParts(rule) {
  const parts = [];
  const add = (title, ...content) => parts.push(el('h3', {}, title), ...content);
  if (rule.description) add('Description', el('p', {}, rule.description));
  if (rule.scope) add('Looks at', el('p', {}, rule.scope));
  if (rule.citations.length) {
    add('Authority', ...rule.citations.map(([source, place, guidance]) =>
      el('div', {class: 'cite'}, el('b', {}, source), place ? el('div', {class: 'wrap'}, place) : '',
        guidance ? el('blockquote', {class: 'wrap'}, guidance) : '')));
  }
  return parts;
}

function issueDetail(issue) {
  const rule = data.rules[issue[ISSUE.rule]];
  const record = issue[ISSUE.record] === null ? '' : ', record ' + number(issue[ISSUE.record]);
  const rows = pairs(issue).map(([name, value]) =>
    el('tr', {}, el('td', {class: 'mono'}, name), el('td', {class: 'mono wrap'}, value === '' ? el('span', {class: 'soft'}, '(empty)') : value)));
  const about = [data.names[issue[ISSUE.subject]], issue[ISSUE.sequence] ? 'sequence ' + issue[ISSUE.sequence] : ''].filter(Boolean).join(', ');
  const explained = issue.length > ISSUE.check;
  const lines = explained ? data.checks[issue[ISSUE.check]] : rule.check;
  return el('aside', {class: 'detail'},
    el('h2', {class: 'mono'}, rule.id), tag(rule.severity), el('p', {class: 'message'}, rule.message),
    el('h3', {}, 'Where'), el('p', {}, el('b', {}, data.names[issue[ISSUE.dataset]] + record), about ? el('div', {class: 'soft'}, about) : ''),
    el('h3', {}, 'Values'), el('table', {class: 'values'}, el('tbody', {}, rows)),
    lines.length ? el('h3', {}, explained ? 'Which conditions were true' : 'Conditions of the rule') : '',
    lines.length ? checkList(lines, explained ? issue : null) : '',
    ...ruleParts(rule),
    el('button', {class: 'back', type: 'button', onclick: () => openRules('', rule.id)}, 'Show the rule'));
}

function choice(label, key, values) {
  const select = el('select', {'aria-label': label, onchange: () => { filter[key] = select.value; open('Issues'); }},
    el('option', {value: ''}, label), values.map((value) => el('option', {value}, value)));
  select.value = filter[key];
  return select;
}

function showIssues() {
  const search = el('input', {type: 'search', placeholder: 'Search subject, value, message …', 'aria-label': 'Search'});
  search.value = filter.text;
  const count = el('span', {class: 'count'});
  const spacer = el('div', {class: 'spacer'});
  const rows = el('div', {class: 'rows', tabindex: 0, role: 'grid'}, spacer);
  const split = el('div', {class: 'split'},
    el('div', {class: 'list'}, el('div', {class: 'head'}, ['Severity', 'Rule', 'Dataset', 'Record', 'Subject', 'Values'].map(
      (title) => el('span', {class: title === 'Record' ? 'right' : ''}, title))), rows));
  let found = [], chosen = 0, drawn = [];

  function draw(all) {
    const height = Math.min(found.length * ROW, HEIGHT_MAX);
    const visible = Math.ceil(rows.clientHeight / ROW) + 2;
    const squeezed = found.length * ROW > HEIGHT_MAX;  // then rows follow the scroll bar's share, not its pixels
    const share = rows.scrollTop / Math.max(1, height - rows.clientHeight);
    const first = all ? 0 : squeezed ? Math.floor(share * Math.max(0, found.length - visible + 3)) : Math.floor(rows.scrollTop / ROW);
    const last = Math.min(found.length, all ? PRINTED_MAX : first + visible);
    for (const node of drawn) node.remove();
    drawn = [];
    for (let i = first; i < last; ++i) {
      const top = squeezed ? rows.scrollTop + (i - first) * ROW : i * ROW;
      drawn.push(issueRow(found[i], top, i === chosen, () => choose(i)));
    }
    rows.append(...drawn);
  }
  function choose(position) {
    chosen = Math.max(0, Math.min(found.length - 1, position));
    while (split.children.length > 1) split.lastChild.remove();
    split.append(found.length ? issueDetail(found[chosen]) :
      el('aside', {class: 'detail empty'}, data.issues.length ? 'No issue fits the filters.' : 'No issues.'));
    draw();
  }
  function refresh() {
    found = matchingIssues();
    spacer.style.height = Math.min(found.length * ROW, HEIGHT_MAX) + 'px';
    rows.scrollTop = 0;
    count.textContent = found.length === data.issues.length ? plural(found.length, 'issue') :
      number(found.length) + ' of ' + plural(data.issues.length, 'issue');
    choose(0);
  }
  let waiting;
  search.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { filter.text = search.value; refresh(); }, 120);
  });
  rows.addEventListener('scroll', () => draw());
  rows.addEventListener('keydown', (event) => {
    const step = {ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20}[event.key];
    if (!step) return;
    event.preventDefault();
    choose(chosen + step);
    const top = chosen * ROW;
    if (top < rows.scrollTop) rows.scrollTop = top;
    if (top + ROW > rows.scrollTop + rows.clientHeight) rows.scrollTop = top + ROW - rows.clientHeight;
  });
  const withIssues = data.rules.filter((rule) => rule.listed > 0);
  const reset = el('button', {type: 'button', onclick: () => openIssues({})}, 'Clear');
  if (data.not_listed) main.append(el('p', {class: 'notice'}, data.not_listed));
  main.append(el('div', {class: 'filters'}, search, choice('All severities', 'severity', SEVERITIES),
    choice('All datasets', 'dataset', [...new Set(data.counts.map((entry) => entry[1]))].sort()),
    choice('All rules', 'rule', withIssues.map((rule) => rule.id)), reset, count), split);
  refresh();
  page = {resize: () => draw(), print: () => {
    page.resize = null;  // the size of the paper is no reason to draw less
    draw(true);
    if (found.length > PRINTED_MAX) count.textContent = 'The first ' + number(PRINTED_MAX) + ' of ' + plural(found.length, 'issue');
  }};
}

// --- rules and datasets

function ruleDetail(rule) {
  const remarks = [rule.reason, ...rule.errors].filter(Boolean);
  const heading = [rule.rule_status, rule.version ? 'version ' + rule.version : '', rule.type].filter(Boolean).join(' · ');
  return el('aside', {class: 'detail'},
    el('h2', {class: 'mono'}, rule.id), tag(rule.status), el('p', {class: 'message'}, rule.message), el('p', {class: 'soft'}, heading),
    remarks.length ? [el('h3', {}, 'Why'), ...remarks.map((text) => el('p', {class: 'wrap'}, text))] : '',
    el('h3', {}, 'Checked'), el('p', {}, plural(rule.checked, 'dataset') + ', ' + plural(rule.issues, 'issue')),
    rule.not_checked.length ? [el('h3', {}, 'In scope, but not checked'), ...rule.not_checked.map((text) => el('p', {class: 'wrap'}, text))] : '',
    rule.check.length ? [el('h3', {}, 'An issue is a record with'), checkList(rule.check, null)] : '',
    ...ruleParts(rule),
    rule.listed ? el('button', {class: 'back', type: 'button', onclick: () => openIssues({rule: rule.id})}, 'Show its issues') : '');
}

function showRules(wanted) {
  const search = el('input', {type: 'search', placeholder: 'Search id, text, reason …', 'aria-label': 'Search'});
  search.value = ruleText;
  const status = el('select', {'aria-label': 'Status'}, el('option', {value: ''}, 'Any status'),
    STATUSES.map((word) => el('option', {value: word}, word)));
  status.value = ruleStatus;
  const count = el('span', {class: 'count'});
  const body = el('tbody', {});
  const split = el('div', {class: 'split'}, el('div', {class: 'list'}, el('div', {class: 'rows'}, el('table', {},
    el('thead', {}, el('tr', {}, ['Rule', 'Status', 'Severity', 'Message'].map((title) => el('th', {}, title)),
      el('th', {class: 'right'}, 'Issues'))), body))));
  const choose = (rule) => {
    while (split.children.length > 1) split.lastChild.remove();
    split.append(rule ? ruleDetail(rule) : el('aside', {class: 'detail empty'}, 'No rule fits the filters.'));
  };
  function refresh() {
    const words = ruleText.toLowerCase().split(/\s+/).filter(Boolean);
    const found = data.rules.filter((rule) => {
      if (ruleStatus && rule.status !== ruleStatus) return false;
      const text = [rule.id, rule.message, rule.description, rule.reason, rule.authority].join(' ').toLowerCase();
      return words.every((word) => text.includes(word));
    });
    body.replaceChildren(...found.map((rule) => el('tr',
      {class: 'link', tabindex: 0, onclick: () => choose(rule), onkeydown: (event) => event.key === 'Enter' && choose(rule)},
      el('td', {class: 'mono rule'}, el('span', {class: 'nowrap'}, rule.id), rule.authority ? el('div', {class: 'soft'}, rule.authority) : ''), el('td', {}, tag(rule.status)),
      el('td', {}, rule.severity), el('td', {class: 'wrap'}, rule.message || rule.description, rule.reason ? el('div', {class: 'soft clamp'}, rule.reason) : ''),
      el('td', {class: 'right'}, rule.issues ? number(rule.issues) : ''))));
    count.textContent = number(found.length) + ' of ' + plural(data.rules.length, 'rule');
    choose(found.find((rule) => rule.id === wanted) || found[0]);
  }
  search.addEventListener('input', () => { ruleText = search.value; refresh(); });
  status.addEventListener('change', () => { ruleStatus = status.value; refresh(); });
  main.append(el('div', {class: 'filters'}, search, status, count), split);
  refresh();
}

function showDatasets() {
  const issues = new Map();
  for (const [, dataset, count] of data.counts) issues.set(dataset, (issues.get(dataset) || 0) + count);
  main.append(el('div', {class: 'card'}, el('h2', {}, 'Datasets'), el('table', {},
    el('thead', {}, el('tr', {}, ['Dataset', 'Label', 'Class', 'File'].map((title) => el('th', {}, title)),
      ['Records', 'Variables', 'Bytes', 'Issues'].map((title) => el('th', {class: 'right'}, title)))),
    el('tbody', {}, data.datasets.map((dataset) => {
      const go = () => openIssues({dataset: dataset.name});
      return el('tr', {class: 'link', tabindex: 0, onclick: go, onkeydown: (event) => event.key === 'Enter' && go()},
        el('td', {class: 'mono'}, dataset.name), el('td', {}, dataset.label), el('td', {}, dataset.class || ''), el('td', {class: 'mono'}, dataset.file),
        [dataset.rows, dataset.columns, dataset.bytes, issues.get(dataset.name) || 0].map((n) => el('td', {class: 'right'}, number(n))));
    })))));
}

// --- pages

const pages = {Summary: showSummary, Issues: showIssues, Rules: showRules, Datasets: showDatasets};
let page = {};

function open(name, argument) {
  tab = name;
  page = {};
  main.replaceChildren();
  main.className = 'page-' + name.toLowerCase();
  document.getElementById('tabs').replaceChildren(...Object.keys(pages).map((title) =>
    el('button', {type: 'button', role: 'tab', 'aria-selected': String(title === name), onclick: () => open(title)}, title)));
  pages[name](argument);
}
function openIssues(wanted) {
  Object.assign(filter, {text: '', rule: '', dataset: '', severity: ''}, wanted);
  open('Issues');
}
function openRules(status, id) {
  ruleStatus = status;
  ruleText = '';
  open('Rules', id);
}

const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
document.documentElement.classList.toggle('dark', dark);
document.getElementById('theme').addEventListener('click', () => document.documentElement.classList.toggle('dark'));
document.getElementById('subtitle').textContent = data.subtitle;
document.title = data.subtitle + ' – conformance report';
window.addEventListener('resize', () => page.resize && page.resize());
window.addEventListener('beforeprint', () => page.print && page.print());
window.addEventListener('afterprint', () => open(tab));
const asked = new URLSearchParams(location.hash.slice(1));  // e.g. report.html#tab=Issues&rule=TMR-0005
if (asked.get('tab') === 'Issues') openIssues({rule: asked.get('rule') || '', dataset: asked.get('dataset') || ''});
else open(pages[asked.get('tab')] ? asked.get('tab') : 'Summary', asked.get('rule'));
