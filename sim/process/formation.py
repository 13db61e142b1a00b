"""Where groups come from: the case, the administration's orders, and latent founders whom nobody listed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.actors.party import Character, Party
from sim.actors.roster import PartyFacts
from sim.kernels.counts import poisson
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.model import ElectionModel

MOST_PARTIES = 64  # bits of a voter's awareness
CUTS = (1 / 3, 2 / 3)  # loyalty below which a group behaves as hard, then as soft opposition [assumed]
CENTRE = {  # loyalty that a behaviour class stands for: the middle of its third [assumed]
    "hard_opposition": 1 / 6,
    "soft_opposition": 1 / 2,
    "unknown": 1 / 2,
    "pro_regime": 5 / 6,
    "party_of_power": 0.97,
}


class Formation:
    """The stage that creates Party agents, at the start and as the months pass."""

    def __init__(self, model: ElectionModel) -> None:
        self.model = model
        self.settings = model.spec.mechanism.formation
        self.slot = 0
        for facts in model.case.parties:
            if facts.registered and facts.registered <= model.start:
                self._establish(facts)
        self.due = sorted(
            (facts for facts in model.case.parties if facts.formed and facts.formed > model.start),
            key=lambda facts: (facts.formed, facts.key),
        )

    def rate(self, members: int) -> float:
        """Groups a year that try when the law asks for so many members."""
        return self.settings.rate * (20_000 / max(members, self.settings.fewest_members)) ** self.settings.elasticity

    def month(self, occasion: int) -> None:
        """Groups of the case whose day has come, then latent ones."""
        while self.due and self._day(self.due[0]) <= self.model.today:
            self._try_listed(self.due.pop(0))
        self._latent(occasion)

    def _day(self, facts: PartyFacts) -> date:
        assert facts.formed is not None
        return facts.formed

    def _establish(self, facts: PartyFacts) -> None:
        party = self._party(facts, valence=self.model.fitted.reading.valence.get(facts.key), status="registered")
        known = self.model.society.uniform(f"known/{facts.key}", len(self.model.electorate))
        bit = np.uint64(1) << np.uint64(party.slot)
        self.model.electorate.aware[known < self.model.spec.mechanism.media.known_before] |= bit

    def _try_listed(self, facts: PartyFacts) -> None:
        """A group of the case tries under the scenario's law as often as that law deters fewer than the enacted one."""
        model = self.model
        if facts.sponsored:
            if model.administration.orders(facts):
                model.tell(f"the administration orders {facts.name} into being")
                self._party(facts, valence=model.fitted.reading.valence.get(facts.key))
            return
        asked = model.rules_on(model.today).registration.members
        enacted = model.law.on(model.today).registration.members
        if model.history.one(f"try/{facts.key}") * self.rate(enacted) < self.rate(asked):
            self._party(facts)
            model.tell(f"{facts.name} forms")

    def _latent(self, occasion: int) -> None:
        """Arrivals of the month, thinned from the most any law would see, so that founders are shared by scenarios."""
        s, history = self.settings, self.model.history
        most = s.unlisted * self.rate(0) / 12
        arrivals = int(poisson(history.uniform("latent", 1, occasion=occasion), np.array([most]))[0])
        asked = self.rate(self.model.rules_on(self.model.today).registration.members)
        draws = history.uniform("latent/try", arrivals, occasion=occasion)
        for n in np.flatnonzero(draws * self.rate(0) < asked):
            self._found(f"latent_{self.model.today:%Y%m}_{n + 1}", f"Group of {self.model.today:%B %Y} ({n + 1})")

    def _found(self, key: str, name: str) -> None:
        """A latent group at the position of the worst served of a few voters."""
        model, s = self.model, self.settings
        rows = (model.history.uniform(f"founder/{key}", s.candidates) * len(model.electorate)).astype(np.int64)
        # served by the parties of the start, not by those a scenario lets in: the same founders in every scenario
        places = np.array([party.position for party in model.parties.values() if party.reached.formed == model.start])
        gap = ((model.electorate.position[rows, None, :] - places[None]) ** 2).sum(axis=2).min(axis=1)
        position = model.electorate.position[rows[gap.argmax()]].copy()
        lean = (
            -s.accountability_on_loyalty * position[2]
            + s.latent_loyalty_spread * model.history.normal(f"loyalty/{key}", 1)[0]
        )
        loyalty = float(expit(lean))
        conduct = "hard_opposition" if loyalty < CUTS[0] else "soft_opposition" if loyalty < CUTS[1] else "pro_regime"
        self._add(key, name, conduct, "latent", position, self._entrant(key), self._character(key, loyalty))
        model.tell(f"{name} forms ({conduct.replace('_', ' ')})")

    def _party(self, facts: PartyFacts, *, valence: float | None = None, status: str = "group") -> Party:
        s, history = self.settings, self.model.history
        shift = s.position_spread * history.normal(f"position/{facts.key}", len(facts.position))
        doubt = s.loyalty_spread * history.normal(f"loyalty/{facts.key}", 1)[0]
        loyalty = float(expit(logit(CENTRE[facts.conduct]) + doubt))
        return self._add(
            facts.key,
            facts.name,
            facts.conduct,
            "case",
            np.array(facts.position) + shift,
            self._entrant(facts.key) if valence is None else valence,
            self._character(facts.key, loyalty),
            status=status,
            sponsored=facts.sponsored,
        )

    def _entrant(self, key: str) -> float:
        return float(
            self.settings.valence + self.settings.valence_spread * self.model.history.normal(f"valence/{key}", 1)[0]
        )

    def _character(self, key: str, loyalty: float) -> Character:
        s, history = self.settings, self.model.history
        regions = len(self.model.geography.regions)
        profile = np.exp(s.profile_spread * history.normal(f"profile/{key}", regions))
        return Character(
            loyalty=loyalty,
            persistence=history.one(f"persistence/{key}"),  # Beta(1, 1): nothing is known [prototype]
            money=float(np.exp(s.money_spread * history.normal(f"money/{key}", 1)[0])),
            profile=profile / profile.mean(),
        )

    def _add(
        self,
        key: str,
        name: str,
        conduct: str,
        origin: str,
        position: NDArray[np.float64],
        valence: float,
        character: Character,
        *,
        status: str = "group",
        sponsored: bool = False,
    ) -> Party:
        if self.slot == MOST_PARTIES:
            raise InputError(
                f"more than {MOST_PARTIES} parties and groups in one run; lower mechanism.formation.rate or"
                " mechanism.formation.unlisted, or simulate fewer years."
            )
        party = Party(
            self.model,
            key=key,
            name=name,
            conduct=conduct,
            origin=origin,  # type: ignore[arg-type]
            position=position,
            valence=valence,
            character=character,
            slot=self.slot,
            formed=self.model.today,
            status=status,  # type: ignore[arg-type]
            sponsored=sponsored,
        )
        self.slot += 1
        self.model.parties[key] = party
        return party
