"""
What the source of cp/ says of the commands: which operand words each has in a table, and
which numbered messages its functions can send. test_rows asks for a case of each.

The C is read as text, with what our style guarantees: a function begins and ends at the
left margin, and so does a table. What cannot be told from the text is an Unclear, which
fails the test; so nothing is passed over in silence.
"""
import glob
import os
import re

FUNCTION = re.compile(r'^(static |)(?:const |struct |enum |unsigned )*\w+ \**(\w+)'
                      r'\(([^;{]*)\)\n\{\n(.*?)^\}', re.M | re.S)
# At file level, or a static one in a function.
TABLE = re.compile(r'^\t?(static |)const (?:struct (?:\w+ )?(?:\{[^=]*?\} )?|enum \w+ |\w+ )'
                   r'\*?(?:const )?(\w+)(?:\[[^]]*\])* = \{(.*?)\};', re.M | re.S)
OPERAND = re.compile(r'\{\s*"([A-Z0-9/]+)",\s*(\d+),([^{}]*)\}')
SEND = re.compile(r'\bcp_error\(')
WORD = re.compile(r'[A-Za-z_]\w*')
# Executing another command is not a row's own, nor is what a machine's thread or a deck
# from outside has CP say afterwards.
NOT_FOLLOWED = {'command_execute', 'command_execute_lines', 'cp_commands', 'cp_error',
                'deliver_state', 'watch_scan', 'limit_reached', 'diagnose'}


class Unclear(Exception):
    pass


def without_comments(text):
    return re.sub(r'/\*.*?\*/', lambda m: re.sub(r'[^\n]', ' ', m.group(0)), text, flags=re.S)


def arguments(text, at):
    """The arguments of a call; at: behind its parenthesis."""
    found, depth, start, i, quoted = [], 0, at, at, None
    while True:
        c = text[i]
        if quoted:
            if c == '\\':
                i += 1
            elif c == quoted:
                quoted = None
        elif c in '"\'':
            quoted = c
        elif c in '([{':
            depth += 1
        elif c in ')]}' and depth:
            depth -= 1
        elif c == ')' or (c == ',' and not depth):
            found.append(text[start:i].strip())
            start = i + 1
            if c == ')':
                return found
        i += 1


class Node:
    def __init__(self, file, name, params, body, table):
        self.file, self.name, self.body, self.table = file, name, body, table
        self.params = [WORD.findall(p)[-1] for p in params.split(',') if WORD.findall(p)]
        self.operands = []  # (word, least letters, function or None) of a table
        self.numbers = set()
        self.refers = set()


class Source:
    def __init__(self, folder):
        self.nodes, self.extern = {}, {}
        for path in sorted(glob.glob(os.path.join(folder, '*.c')) +
                           glob.glob(os.path.join(folder, 'commands', '*.c'))):
            if os.path.basename(path) == 'vm370.c':
                continue  # the shell's commands have the same names
            with open(path) as f:
                self.read(os.path.relpath(path, folder), without_comments(f.read()))
        self.messages = self.read_messages()
        for node in self.nodes.values():
            self.link(node)
        for node in self.nodes.values():
            node.numbers |= self.sent(node)

    # ---- reading

    def add(self, file, match, params, body, table):
        node = Node(file, match.group(2), params, body, table)
        self.nodes[file, node.name] = node
        if not match.group(1):
            self.extern[node.name] = node
        return node

    def read(self, file, text):
        for m in FUNCTION.finditer(text):
            self.add(file, m, m.group(3), m.group(4), False)
        for m in TABLE.finditer(text):
            node = self.add(file, m, '', m.group(3), True)
            for row in OPERAND.finditer(node.body):
                names = [w for w in WORD.findall(re.sub(r'"[^"]*"', '', row.group(3)))
                         if (file, w) in self.nodes or not w.isupper()]
                node.operands.append((row.group(1), int(row.group(2)),
                                      names[-1] if names else None))

    def read_messages(self):
        table = self.nodes.get(('message.c', 'messages'))
        found = {int(n): text for n, text in
                 re.findall(r'\{\s*(\d+), \'.\', "((?:\\.|[^"\\])*)" \}', table.body)}
        if len(found) < 100:
            raise Unclear('cp/message.c: the table of messages is not understood')
        return {n: t.replace('\\"', '"') for n, t in found.items()}

    def find(self, file, name):
        return self.nodes.get((file, name)) or self.extern.get(name)

    def link(self, node):
        body = re.sub(r'"(?:\\.|[^"\\])*"', '""', node.body)
        for word in set(WORD.findall(body)) - NOT_FOLLOWED:
            # A member of a structure has a name of its own.
            if not re.search(r'(?<![.>\w])%s\b' % word, body):
                continue
            other = self.find(node.file, word)
            if other and other is not node:
                node.refers.add(other)

    # ---- numbers

    def of_table(self, text):
        """Of its rows the last number, or all of them."""
        rows = re.findall(r'(\d+) *\}', text)
        return {int(n) for n in rows} if rows else self.literals(text)

    def literals(self, text):
        return {int(n) for n in re.findall(r'(?<![\w"])\d+\b', text)} & set(self.messages)

    def sent(self, node):
        found = set()
        for m in SEND.finditer(node.body):
            args = arguments(node.body, m.end())
            if len(args) < 3:
                raise Unclear('%s: %s: cp_error(%s)' % (node.file, node.name, args))
            found |= self.numbers_of(node, args[2])
        return found

    def numbers_of(self, node, text):
        """The values of an expression: its literals, those of a table, of a parameter."""
        if re.fullmatch(r'[\d\s]+', text):
            number = int(text)
            if number not in self.messages:
                raise Unclear('%s: %s: message %d is not in the table' %
                              (node.file, node.name, number))
            return {number}
        choice = re.sub(r'^.*?\?', '', text, flags=re.S) if '?' in text else text
        found = self.literals(choice)
        if found:
            return found
        for word in WORD.findall(text):
            other = self.find(node.file, word)
            if other and other.table:
                return self.of_table(other.body)
        if text in node.params:
            return self.handed(node, node.params.index(text))
        local = re.search(r'\bint %s = ([^;]*);' % re.escape(text), node.body)
        if local:
            return self.numbers_of(node, local.group(1))
        raise Unclear('%s: %s: which messages are %s?' % (node.file, node.name, text))

    def handed(self, node, index):
        """What its callers give as argument number index."""
        found = set()
        for other in self.nodes.values():
            if node not in other.refers:
                continue
            for m in re.finditer(r'(?<!\w)%s\(' % node.name, other.body):
                found |= self.numbers_of(other, arguments(other.body, m.end())[index])
        return found

    # ---- questions

    def number_of(self, line):
        """The messages that this line may be without its number."""
        return {n for n, text in self.messages.items()
                if re.fullmatch('.*'.join(map(re.escape, text.split('&'))), line)
                and sum(map(len, text.split('&'))) > 8}

    def reachable(self, start, stop=()):
        """All that start refers to, over any number of steps; not through stop."""
        seen, todo = set(), [start]
        while todo:
            node = todo.pop()
            if node in seen or (node is not start and node in stop):
                continue
            seen.add(node)
            todo.extend(node.refers)
        return seen

    def messages_from(self, function, stop=()):
        found = set()
        for node in self.reachable(function, stop):
            found |= node.numbers
        return found

    def commands(self):
        """{command: its function} of cp/commands/table.c."""
        table = self.nodes['commands/table.c', 'cp_commands']
        rows = re.findall(r'\{ "([A-Z]+)", \d+,[^"]*?(cmd_\w+),', table.body)
        found = {name: self.find('commands/table.c', f) for name, f in rows}
        if len(found) < 50 or None in found.values():
            raise Unclear('cp/commands/table.c is not understood')
        return found

    def operand_tables(self, function):
        """The tables of operands in the file of a command's function that it uses."""
        return [n for n in self.reachable(function)
                if n.table and n.file == function.file and n.operands]
