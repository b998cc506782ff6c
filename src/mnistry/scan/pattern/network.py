"""A pattern as a network of nodes: Thompson's construction, with order.

Nodes read a digit, write a separator, or only lead on; what they lead to is in order of
preference. The states of the automaton are the nodes that read; what one can reach
without a digit becomes its steps.

Source:
    Thompson, Regular expression search algorithm, 1968, doi:10.1145/363347.363387.
"""

from collections import deque
from collections.abc import Iterator

from mnistry.errors import UsageError
from mnistry.scan.pattern.grammar import Choice, Node, Reads, Repeat, Sequence, Writes

MOST_NODES = 20_000  # forty for each state of the largest automaton
MOST_WAYS = 32  # to write separators between two digits
END = 0


class Network:
    """Nodes by number; node 0 is the end of the pattern.

    Attributes:
        leads: By node: the nodes after it, the preferred first.
        digits: Of the nodes that read one.
        separators: Of the nodes that write one.
        entries: Of each node that ends a repeat which need not be: where it began.
    """

    def __init__(self, tree: Node) -> None:
        self.leads: list[list[int]] = [[]]
        self.digits: dict[int, frozenset[int]] = {}
        self.separators: dict[int, str] = {}
        self.entries: dict[int, int] = {}
        self.added = 0
        self.start = self._node()
        self.leads[self.start] = [self._add(tree, END)]

    def _node(self, *leads: int) -> int:
        self.leads.append(list(leads))
        return len(self.leads) - 1

    def _add(self, tree: Node, after: int) -> int:
        """Add a part of the tree before a node; give the node that it begins with."""
        self.added += 1
        if self.added > MOST_NODES:
            refuse("parts, counts written out", MOST_NODES)
        if isinstance(tree, Reads):
            here = self._node(after)
            self.digits[here] = tree.digits
        elif isinstance(tree, Writes):
            here = self._node(after)
            self.separators[here] = tree.text
        elif isinstance(tree, Choice):
            here = self._node(*[self._add(branch, after) for branch in tree.branches])
        elif isinstance(tree, Sequence):
            here = after
            for part in reversed(tree.parts):
                here = self._add(part, here)
        else:
            here = self._repeat(tree, after)
        return here

    def _repeat(self, tree: Repeat, after: int) -> int:
        here = after
        if tree.most is None:
            here = self._node()
            self.leads[here] = [self._add(tree.part, here), after]
        else:
            for _ in range(tree.most - tree.least):
                exit_ = self._node(here)
                here = self._node()
                self.leads[here] = [self._add(tree.part, exit_), after]
                self.entries[exit_] = here
        for _ in range(tree.least):
            here = self._add(tree.part, here)
        return here

    def reach(self, node: int) -> dict[int, tuple[str, ...]]:
        """Return the reading nodes, and the end, that can be next, the preferred first.

        Returns:
            By node: what may be written on the way there, the preferred first.
        """
        preferred = dict(self._preferred(node))
        if not self.separators:
            return {read: (written,) for read, written in preferred.items()}
        ways: dict[int, dict[str, None]] = {
            read: {written: None} for read, written in preferred.items()
        }
        for read, written in self._all(node):
            if read in ways:  # else only by repeats that read no digit
                ways[read][written] = None
        return {read: tuple(texts) for read, texts in ways.items()}

    def _preferred(self, node: int) -> Iterator[tuple[int, str]]:
        """Walk in order of preference; the first way to a node is the preferred one.

        What comes after a node is the same for every way to it. A repeat that need not
        be leads nowhere if no digit was read in it: that of `*` would begin again where
        it began, that of `?` is stopped at its exit.
        """
        seen: set[int] = set()
        inside: set[int] = set()  # nodes on the way to here
        todo = [(lead, "") for lead in reversed(self.leads[node])]
        while todo:
            here, written = todo.pop()
            if here < 0:
                inside.discard(~here)
            elif here not in seen and self.entries.get(here) not in inside:
                seen.add(here)
                if here == END or here in self.digits:
                    yield here, written
                    continue
                inside.add(here)
                todo.append((~here, ""))
                written += self.separators.get(here, "")
                todo += [(lead, written) for lead in reversed(self.leads[here])]

    def _all(self, node: int) -> Iterator[tuple[int, str]]:
        """Walk every way, the shortest first, up to `MOST_WAYS` to a node.

        Repeats that read no digit are among them: `-?` writes nothing unless a hyphen
        is seen.
        """
        ways: dict[int, set[str]] = {}
        todo = deque((lead, "") for lead in self.leads[node])
        while todo:
            here, written = todo.popleft()
            known = ways.setdefault(here, set())
            if written in known or len(known) == MOST_WAYS:
                continue
            known.add(written)
            if here == END or here in self.digits:
                yield here, written
                continue
            written += self.separators.get(here, "")
            todo.extend((lead, written) for lead in self.leads[here])


def refuse(what: str, most: int) -> None:
    """Refuse a pattern that would cost too much memory and time."""
    message = f"pattern is too long: it has more than {most} {what}; make it shorter."
    raise UsageError(message)
