"""The voter model said once more, slowly: one Mesa agent a voter, doubles, loops, and the equations of docs/odd.md.

Written from that page alone. With the program it shares the electorate at birth, the settings, and what parties, the
registrar and the administration did; nothing that voters do is taken from it. Whoever wants to learn how a voter
behaves in Majilis can read :class:`Voter` from top to bottom: a month, the campaign, the vote.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any, NamedTuple

import mesa
import networkx as nx

NORMAL = NormalDist()
AXES = range(3)  # economy, nation, accountability
LEAST_CHANCE = 0.001  # nobody is believed to have less
VOTERS, OPINION = 23, 21  # bits of what voters draw at the polls and in the media, and in opinion
AGAINST_ALL = "against_all"

# ------------------------------------------------------------------------------------------------ 7.0 chance


@lru_cache(maxsize=4096)
def key(seed: int, decision: str, occasion: int) -> tuple[int, int]:
    """The two halves of the hash of an address."""
    digest = hashlib.blake2b(f"{seed}\x1f{decision}\x1f{occasion}".encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def word(seed: int, decision: str, occasion: int, i: int) -> int:
    """The 64 bits of id ``i`` at an address."""
    k0, k1 = key(seed, decision, occasion)
    z = (k0 + (i + 1) * 0x9E3779B97F4A7C15) % 2**64
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64) ^ k1
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


def uniform(bits: int, seed: int, decision: str, occasion: int, i: int) -> float:
    """U_bits: the first bits of the word, in (0, 1)."""
    return ((word(seed, decision, occasion, i) >> 64 - bits) + 0.5) / 2**bits


@lru_cache(maxsize=100_000)  # places' tastes for parties are asked for again and again
def normal(seed: int, decision: str, occasion: int, i: int) -> float:
    """N(0, 1): the quantile of a uniform of 52 bits."""
    return NORMAL.inv_cdf(uniform(52, seed, decision, occasion, i))


# ------------------------------------------------------------------------------------------- what voters meet


class Party(NamedTuple):
    """What voters meet of a party or group: facts that the program's institutions made."""

    address: str
    position: tuple[float, ...]
    valence: float
    in_power: bool
    loyal: bool  # not autonomous under the broad coding
    registered: bool
    talked_of: bool  # registered, or gave notice in the run, and neither lapsed nor ended
    members: tuple[int, ...]  # persons by region
    parties: tuple[str, ...] = ()  # of a bloc: those it stands for


class Candidate(NamedTuple):
    """Who stands in a district: for a party, for nobody (with a position of their own), or the line against all."""

    key: str
    party: str | None  # address
    position: tuple[float, ...] | None
    appeal: float  # quality, and for the self-nominated their common appeal


class Facts(NamedTuple):
    """What the case and the scenario fix before the run."""

    register: tuple[int, ...]  # persons on the roll, by region
    orders: tuple[float, ...]  # turnout asked of each akim, by region
    turnout: float  # reading.turnout
    against_all: float  # reading.against_all
    premium: float  # of office, in the valence of the party of power
    last_result: Mapping[str, float]  # list shares of the election before
    ordinal: int  # number of the election


class Born(NamedTuple):
    """One voter before the first day."""

    region: int
    cell: int
    rural: bool
    dependent: bool
    weight: float
    position: tuple[float, ...]
    grievance: float
    belief: float
    habit: float
    district: int
    knows: frozenset[str]


class NearTie(NamedTuple):
    """A decision so close that single precision may take it the other way."""

    what: str
    voter: int
    margin: float
    either: Any  # opinion: what the other way adds to the position; a choice: the options that may have won


@dataclass
class Watch:
    """Decides as a rule says, counts decisions, and keeps those that are nearly ties."""

    tolerance: float = 0.0
    decisions: int = 0

    def __post_init__(self) -> None:
        self.near: list[NearTie] = []

    def below(self, x: float, limit: float, what: str, voter: int, tolerance: float, either: Any = None) -> bool:
        """Whether x < limit."""
        self.decisions += 1
        if abs(x - limit) < tolerance:
            self.near.append(NearTie(what, voter, x - limit, either))
        return x < limit

    def best(self, values: Mapping[int, float], what: str, voter: int, tolerance: float) -> int:
        """The option of greatest value, the first of equals; -1 of none."""
        self.decisions += 1
        if not values:
            return -1
        first = max(values, key=lambda option: values[option])
        rivals = [option for option, value in values.items() if values[first] - value < tolerance]
        if len(rivals) > 1:
            self.near.append(NearTie(what, voter, min(values[first] - values[o] for o in rivals if o != first), rivals))
        return first


# ------------------------------------------------------------------------------------------------- the voter


class Voter(mesa.Agent):
    """One voter. Monthly rules prepare (``feel``, ``deliberate``, ``listen``) and then all change at once."""

    model: Oracle

    def __init__(self, model: Oracle, row: int, born: Born) -> None:
        super().__init__(model)
        self.row = row
        self.region, self.cell, self.rural, self.dependent = born.region, born.cell, born.rural, born.dependent
        self.weight, self.district = born.weight, born.district
        self.economy, self.nation, self.accountability = born.position
        self.usual_grievance = self.grievance = born.grievance
        self.belief, self.habit = born.belief, born.habit
        self.knows = set(born.knows)  # addresses of parties
        self.neighbours: list[Voter] = []  # in the order of the network section; double ties stand twice
        self.inclination, self.turned_out = 0.0, False  # the chance to vote, and whether
        self.favourite, self.favourite_candidate = -1, -1  # places on the two ballots, -1 of none

    @property
    def choice(self) -> int:
        """The mark on the list ballot; who stays away marks nothing."""
        return self.favourite if self.turned_out else -1

    @property
    def district_choice(self) -> int:
        return self.favourite_candidate if self.turned_out else -1

    @property
    def id(self) -> int:
        """What addresses this voter's draws."""
        return self.row

    @property
    def position(self) -> tuple[float, float, float]:
        return self.economy, self.nation, self.accountability

    # ---- a month: 7.1 to 7.3

    def feel(self, shock: float) -> None:
        """Grievance decays towards what it usually is, and a shock adds to it."""
        decay = self.model.mechanism.opinion.grievance_decay
        after = self.usual_grievance + decay * (self.grievance - self.usual_grievance) + shock
        self.next_grievance = min(max(after, 0.0), 1.0)

    def deliberate(self, occasion: int) -> None:
        """On every axis, a step towards those neighbours who are not too far off, and private change."""
        s = self.model.mechanism.opinion
        private = word(self.model.history, "opinion", occasion, self.id)
        here, there = self.position, []
        for axis in AXES:
            drawn = private >> 64 - OPINION * (axis + 1) & 2**OPINION - 1
            z = NORMAL.inv_cdf((drawn + 0.5) / 2**OPINION)
            pull = 0.0
            for other in self.neighbours:
                gap = other.position[axis] - here[axis]
                if self.model.listens(self, axis, gap):
                    pull += gap
            there.append(here[axis] + self.step * pull + s.noise * z)
        self.next_position = there

    @property
    def step(self) -> float:
        """m / K: how far one neighbour draws a voter; who has none is drawn by nobody."""
        return self.model.mechanism.opinion.attraction / max(len(self.neighbours), 1)

    def listen(self, parties: Sequence[Party], occasion: int) -> None:
        """Hear of parties from the media, from members, and from neighbours who know them."""
        s, model = self.model.mechanism.media, self.model
        self.heard = set()
        for party in parties:
            if not party.talked_of or party.address in self.knows:
                continue
            telling = sum(party.address in other.knows for other in self.neighbours)
            ties = len(self.neighbours) * party.members[self.region] / model.facts.register[self.region]
            silent = 1 - model.openness(party) * s.reach
            missed = silent * (1 - s.word_of_mouth) ** ties * (1 - s.word_of_mouth) ** telling
            draw = uniform(VOTERS, model.history, f"hear/{party.address}", occasion, self.id)
            if model.watch.below(draw, 1 - missed, f"hear/{party.address}", self.row, model.tolerance_of_chance):
                self.heard.add(party.address)

    def change(self) -> None:
        """What the month's rules prepared becomes true."""
        self.grievance = self.next_grievance
        self.economy, self.nation, self.accountability = self.next_position
        self.knows |= self.heard

    # ---- the campaign: 7.3

    def consider(self, lists: Sequence[Party], public_money: float) -> None:
        """Come across the lists that stand: by campaign, by canvass, or on the ballot paper."""
        s, model = self.model.mechanism.media, self.model
        for party in lists:
            if party.address in self.knows:
                continue
            unseen = (1 - s.ballot_paper) * (1 - model.openness(party) * s.campaign)
            chance = 1 - unseen * (1 - s.canvass) ** public_money
            draw = uniform(VOTERS, model.history, f"campaign/{party.address}", 0, self.id)
            if model.watch.below(draw, chance, f"campaign/{party.address}", self.row, model.tolerance_of_chance):
                self.knows.add(party.address)

    # ---- the vote: 7.10, 7.11

    def utility(self, party: Party) -> float:
        """U: appeal, less squared distance, a local taste, and in villages the pull of the party of power."""
        s, model = self.model.mechanism.choice, self.model
        u = model.appeal(party) - s.distance * self.distance_to(party.position) + model.local_taste(party, self.cell)
        return u + s.rural_incumbent if self.rural and party.in_power else u

    def distance_to(self, position: Sequence[float]) -> float:
        """Squared distance over the axes."""
        return math.fsum((x - y) ** 2 for x, y in zip(self.position, position, strict=True))

    def utilities(self, lists: Sequence[Party]) -> dict[str, float]:
        """U of every list the voter knows."""
        return {party.address: self.utility(party) for party in lists if party.address in self.knows}

    def utility_against_all(self, lists: Sequence[Party]) -> float:
        """More with grievance, less with a good best list."""
        s = self.model.mechanism.choice
        best = max(self.utilities(lists).values(), default=0.0)
        return self.model.facts.against_all + s.grievance_against_all * self.grievance - s.best_against_all * best

    def wishes(self, ballot: Ballot, ln_pi: Mapping[str, float]) -> dict[int, float]:
        """V of every option of the list ballot that the voter may take, by its place on the ballot."""
        k, u = self.model.mechanism.choice.strategic, self.utilities(ballot.lists)
        out = {
            place: u[party.address] + k * ln_pi[party.address]
            for place, party in enumerate(ballot.lists)
            if party.address in u
        }
        if ballot.against_all:
            out[len(ballot.lists)] = self.utility_against_all(ballot.lists)
        return out

    def chance_of_voting(self, ballot: Ballot) -> float:
        """Habit, stakes, trust in the count, and orders."""
        t, m, facts = self.model.mechanism.turnout, self.model.mechanism.mobilisation, self.model.facts
        known = list(self.utilities(ballot.lists).values())
        stakes = max(known) - sum(known) / len(known) if known else 0.0
        order = self.model.practice.mobilisation * facts.orders[self.region]
        logit = facts.turnout + self.habit + t.stakes * stakes - t.distrust * (1 - self.belief)
        logit += t.rural if self.rural else 0.0
        return expit(logit + order * (1.0 if self.dependent else m.spill_over))

    def decide_whether(self, decision: str) -> bool:
        """Go, or stay at home."""
        draw = uniform(VOTERS, self.model.history, decision, self.model.facts.ordinal, self.id)
        return self.model.watch.below(draw, self.inclination, decision, self.row, self.model.tolerance_of_turnout)

    def decide_which(self, values: Mapping[int, float], names: Sequence[str], what: str) -> int:
        """The option of the greatest V plus taste."""
        tasted = {option: value + self.taste(names[option]) for option, value in values.items()}
        return self.model.watch.best(tasted, what, self.row, self.model.tolerance_of_utility)

    def taste(self, name: str) -> float:
        """Gumbel: what nobody else sees in an option."""
        return -math.log(
            -math.log(uniform(VOTERS, self.model.history, f"taste/{name}", self.model.facts.ordinal, self.id))
        )

    # ---- the district: 7.9, 7.10

    def liking(self, candidate: Candidate, ballot: Ballot) -> float:
        """U of somebody who stands in the voter's district, who need not be known."""
        if candidate.party is not None:
            party = next(party for party in ballot.lists if party.address == candidate.party)
            return self.utility(party) + candidate.appeal
        if candidate.position is None:
            return self.utility_against_all(ballot.lists)
        return candidate.appeal - self.model.mechanism.choice.distance * self.distance_to(candidate.position)


class Ballot(NamedTuple):
    """The list ballot, and what bears on a list's chance of a seat."""

    lists: tuple[Party, ...]
    against_all: bool
    seats: int
    threshold: float

    @property
    def names(self) -> list[str]:
        """The options, in order."""
        return [party.address for party in self.lists] + [AGAINST_ALL] * self.against_all


# ----------------------------------------------------------------------------------------------- the society


class Oracle(mesa.Model):
    """All voters, the network between them, and what they make of each other's intentions."""

    def __init__(
        self, people: Sequence[Born], mechanism: Any, practice: Any, facts: Facts, *, society: int, history: int
    ):
        super().__init__(rng=0)  # never used
        self.mechanism, self.practice, self.facts = mechanism, practice, facts
        self.society, self.history = society, history
        self.watch = Watch()
        self.blocs: set[str] = set()  # those already met
        self.tolerance_of_position = self.tolerance_of_chance = 0.0
        self.tolerance_of_turnout = self.tolerance_of_utility = 0.0
        self.voters = [self.voter(row, born) for row, born in enumerate(people)]
        self.graph = self.knit()

    def voter(self, row: int, born: Born) -> Voter:
        return Voter(self, row, born)

    # ---- the network: section 5

    def knit(self) -> nx.MultiGraph:
        """Tie everybody to those the permutations name; returns the ties as edges, each once."""
        graph = nx.MultiGraph()
        graph.add_nodes_from(range(len(self.voters)))
        for successor, predecessor in self.permutations():
            for v, voter in enumerate(self.voters):
                graph.add_edge(v, successor[v])
                voter.neighbours += [self.voters[successor[v]], self.voters[predecessor[v]]]
        return graph

    def permutations(self) -> Iterable[tuple[dict[int, int], dict[int, int]]]:
        """Successors and predecessors of all rows: rings in the cells, then regions, then the country."""
        s = self.mechanism.network
        for d in range(1, s.local + 1):
            yield self.joined(ring(rows, d) for _, rows in self.rows_by("cell"))
        for t in range(s.regional):
            yield self.joined(self.shuffle(rows, f"tie/region/{t}", 2 * r) for r, rows in self.rows_by("region"))
        for t in range(s.national):
            yield self.joined([self.shuffle(list(range(len(self.voters))), f"tie/country/{t}", 0)])

    def rows_by(self, attribute: str) -> list[tuple[int, list[int]]]:
        """Rows of every cell or region."""
        groups: dict[int, list[int]] = {}
        for row, voter in enumerate(self.voters):
            groups.setdefault(getattr(voter, attribute), []).append(row)
        return list(groups.items())

    @staticmethod
    def joined(parts: Iterable[tuple[dict[int, int], dict[int, int]]]) -> tuple[dict[int, int], dict[int, int]]:
        successor: dict[int, int] = {}
        predecessor: dict[int, int] = {}
        for ahead, behind in parts:
            successor |= ahead
            predecessor |= behind
        return successor, predecessor

    def shuffle(self, rows: list[int], decision: str, first: int) -> tuple[dict[int, int], dict[int, int]]:
        """The permutation of a group, as arithmetic."""
        n = len(rows)
        u1, u2 = (uniform(52, self.society, decision, 0, i) for i in (first, first + 1))
        k = max(1, math.floor(math.sqrt(n) * 2 ** (u1 - 0.5) + 0.5))
        a = -(-(n + 1) // k)
        m = a * k - 1
        b = math.floor(u2 * m)
        ahead = {rows[v]: rows[_first_below(n, v, lambda x: (a * x + b) % m)] for v in range(n)}
        behind = {rows[v]: rows[_first_below(n, v, lambda x: k * (x - b) % m)] for v in range(n)}
        return ahead, behind

    # ---- months

    def listens(self, voter: Voter, axis: int, gap: float) -> bool:
        """Whether a neighbour at this gap is near enough to be listened to."""
        bound = self.mechanism.opinion.bound
        otherwise = -voter.step * gap if abs(gap) < bound else voter.step * gap
        return self.watch.below(
            abs(gap), bound, f"opinion/{axis}", voter.row, 2 * self.tolerance_of_position, (axis, otherwise)
        )

    def openness(self, party: Party) -> float:
        """o: how open the media are to a party."""
        return 1.0 if party.loyal else 1 - self.practice.media_closure

    def month(self, occasion: int, shock: float, parties: Sequence[Party]) -> None:
        """A monthly round: all feel, deliberate and listen by last month's state, then all change."""
        self.agents.do("feel", shock)
        self.agents.do("deliberate", occasion)
        self.agents.do("listen", parties, occasion)
        self.agents.do("change")

    def meet(self, parties: Sequence[Party]) -> None:
        """Nobody remembers who lapsed or ended; a bloc is known at once to whoever knows one of its parties."""
        gone = {party.address for party in parties if not party.talked_of}
        new = [party for party in parties if party.parties and party.address not in self.blocs]
        for voter in self.voters:
            voter.knows -= gone
            voter.knows |= {bloc.address for bloc in new if voter.knows & set(bloc.parties)}
        self.blocs |= {bloc.address for bloc in new}

    # ---- sympathy: 7.5

    def sympathy(self, group: Party, registered: Sequence[Party]) -> list[float]:
        """By region, the mean share of the group's appeal beside that of all registered parties."""
        total = [0.0] * len(self.facts.register)
        persons = [0.0] * len(self.facts.register)
        for voter in self.voters:
            own = math.exp(voter.utility(group))
            others = math.fsum(math.exp(voter.utility(party)) for party in registered)
            total[voter.region] += voter.weight * own / (own + others)
            persons[voter.region] += voter.weight
        return [share / n if n else 0.0 for share, n in zip(total, persons, strict=True)]

    def appeal(self, party: Party) -> float:
        """lambda: the valence, without the premium of office as far as state resources are out."""
        return party.valence - (1 - self.practice.state_resources) * self.facts.premium * party.in_power

    def local_taste(self, party: Party, cell: int) -> float:
        """xi: what a place sees in a party."""
        spread = self.mechanism.choice.local_spread
        return spread * normal(self.society, f"local/{party.address}", 0, cell)

    # ---- election day

    def campaign(self, lists: Sequence[Party], public_money: float) -> None:
        """All voters come across the lists."""
        self.agents.do("consider", lists, public_money)

    def poll(self, ballot: Ballot, ln_pi: Mapping[str, float]) -> list[float]:
        """Expected logit shares of the options among persons who would name one."""
        total = [0.0] * len(ballot.names)
        for voter in self.voters:
            for option, share in logit_shares(voter.wishes(ballot, ln_pi)).items():
                total[option] += voter.weight * share
        named = math.fsum(total)
        return [x / named for x in total]

    def beliefs(self, ballot: Ballot) -> tuple[dict[str, float], dict[str, float]]:
        """What everybody comes to believe of the options' shares, and ln pi of a seat.

        Whoever has no last result is believed to be as strong as heard; so is the line against all, without error.
        """
        last, names, rounds = self.facts.last_result, ballot.names, self.mechanism.choice.rounds
        error = [self.error_of_belief(party) for party in ballot.lists] + [1.0] * ballot.against_all
        believed, ln_pi = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
        for _ in range(rounds + 1):
            for name, share, wrong in zip(names, self.poll(ballot, ln_pi), error, strict=True):
                heard = share * wrong
                believed[name] = (last[name] + heard) / 2 if name in last else heard
            whole = math.fsum(believed.values())
            believed = {name: share / whole for name, share in believed.items()}
            ln_pi |= {party.address: ln_chance_of_seat(believed[party.address], ballot) for party in ballot.lists}
        return believed, ln_pi

    def error_of_belief(self, party: Party) -> float:
        """By how much everybody mistakes the strength of a list in polls."""
        spread = self.mechanism.choice.belief_noise
        return math.exp(spread * normal(self.history, f"poll/{party.address}", 0, 0))

    def vote(self, ballot: Ballot, ln_pi: Mapping[str, float]) -> None:
        """Turnout and the mark on the list ballot."""
        for voter in self.voters:
            voter.inclination = voter.chance_of_voting(ballot)
            voter.turned_out = voter.decide_whether("turnout")
            voter.favourite = voter.decide_which(voter.wishes(ballot, ln_pi), ballot.names, "list")

    def district(self, number: int, candidates: Sequence[Candidate], ballot: Ballot) -> None:
        """The marks of a district: likings discounted by expected chances to win."""
        k = self.mechanism.choice.strategic
        local = [voter for voter in self.voters if voter.district == number]
        likings = {voter.row: [voter.liking(candidate, ballot) for candidate in candidates] for voter in local}
        expected = self.expected(local, likings)
        own = [place for place, candidate in enumerate(candidates) if not is_line(candidate)]
        for voter in local:
            values = dict(enumerate(likings[voter.row]))
            for place in own:
                rival = max((expected[other] for other in own if other != place), default=0.0)
                values[place] += k * math.log(max(chance_to_win(expected[place], rival), LEAST_CHANCE))
            names = [candidate.key for candidate in candidates]
            voter.favourite_candidate = voter.decide_which(values, names, "district")

    def second_round(self, number: int, pair: Sequence[Candidate], ballot: Ballot) -> list[tuple[Voter, bool, int]]:
        """Who comes again in a district, and whom of the two they like better: no expectations, the taste they had."""
        names = [candidate.key for candidate in pair]
        out = []
        for voter in (voter for voter in self.voters if voter.district == number):
            likings = {place: voter.liking(candidate, ballot) for place, candidate in enumerate(pair)}
            which = voter.decide_which(likings, names, f"second round of {names}")
            out.append((voter, voter.decide_whether("turnout/second round"), which))
        return out

    def expected(self, local: Sequence[Voter], likings: Mapping[int, Sequence[float]]) -> list[float]:
        """Expected shares in a district, of its persons."""
        shares = [logit_shares(dict(enumerate(likings[voter.row]))) for voter in local]
        persons = math.fsum(voter.weight for voter in local)
        places = range(len(next(iter(likings.values()), ())))
        return [
            math.fsum(voter.weight * share[place] for voter, share in zip(local, shares, strict=True)) / persons
            for place in places
        ]


def ring(rows: list[int], d: int) -> tuple[dict[int, int], dict[int, int]]:
    """Who stands d places further on in a ring, and who d places back."""
    n = len(rows)
    return {rows[v]: rows[(v + d) % n] for v in range(n)}, {rows[v]: rows[(v - d) % n] for v in range(n)}


def _first_below(n: int, v: int, step: Any) -> int:
    """The first of step(v), step(step(v)), .. below n."""
    v = step(v)
    while v >= n:
        v = step(v)
    return v


def is_line(candidate: Candidate) -> bool:
    """Whether this is the line against all."""
    return candidate.party is None and candidate.position is None


def expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def logit_shares(values: Mapping[int, float]) -> dict[int, float]:
    """Chances to be chosen, exp(value) over their sum."""
    weights = {option: math.exp(value) for option, value in values.items()}
    whole = math.fsum(weights.values())
    return {option: x / whole for option, x in weights.items()}


def ln_phi(z: float) -> float:
    """ln of the standard normal distribution function, as far down as doubles go."""
    return math.log(max(math.erfc(-z / math.sqrt(2)) / 2, 1e-300))


def ln_chance_of_seat(believed: float, ballot: Ballot) -> float:
    """ln pi: the believed chance that a list wins a seat."""
    if not ballot.seats:
        return 0.0
    if believed == 0:
        return math.log(LEAST_CHANCE)
    ln_pi = ln_phi((math.log(believed) - math.log(0.75 / (ballot.seats + 1))) / 0.4)
    if ballot.threshold > 0:
        ln_pi = min(ln_pi, ln_phi((math.log(believed) - math.log(ballot.threshold)) / 0.4))
    return max(ln_pi, math.log(LEAST_CHANCE))


def chance_to_win(v: float, w: float) -> float:
    """pi in a district: the chance that v turns out greater than w."""
    return NORMAL.cdf((v - w) / (0.2 * (v + w)))
