"""Where groups come from: the case, the administration's orders, and latent founders whom nobody listed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.actors.party import Character, Party
from sim.actors.roster import CENTRE, Bloc, PartyFacts
from sim.kernels.counts import poisson

if TYPE_CHECKING:
    from sim.model import ElectionModel

CUTS = (1 / 3, 2 / 3)  # loyalty below which a group behaves as hard, then as soft opposition [assumed]


class Formation:
    """The stage that creates Party agents, at the start and as the months pass."""

    def __init__(self, model: ElectionModel) -> None:
        self.model = model
        self.settings = model.mechanism.formation
        for facts in model.case.parties:
            ended = facts.ended and facts.ended <= model.start
            if facts.registered and facts.registered <= model.start and not ended:
                self._establish(facts, known=True)
        days = ((self._day(facts), facts) for facts in model.case.parties)
        self.due = sorted(
            ((day, facts) for day, facts in days if day and day > model.start), key=lambda due: (due[0], due[1].key)
        )
        self.ending = [facts for facts in model.case.parties if facts.ended and facts.ended > model.start]

    def rate(self, members: int) -> float:
        """Groups a year that try when the law asks for so many members."""
        return self.settings.rate * (20_000 / max(members, self.settings.fewest_members)) ** self.settings.elasticity

    def month(self, occasion: int) -> None:
        """Groups of the case whose day has come, then latent ones."""
        self._end()
        while self.due and self.due[0][0] <= self.model.today:
            facts = self.due.pop(0)[1]
            if facts.registered and not facts.sponsored:
                self._establish(facts, known=False)
                self.model.tell(f"{facts.name} is registered, as on record")
            else:
                self._try_listed(facts)
        self._latent(occasion)

    def bloc(self, bloc: Bloc) -> Party:
        """The joint list of registered parties: it stands between them, and whoever knows one of them knows it."""
        model = self.model
        members = [model.parties[key] for key in bloc.parties]
        valence = model.fitted.reading.valence.get(bloc.key)
        party = self._add(
            bloc.key,
            bloc.name,
            bloc.conduct,
            "bloc",
            np.mean([member.position for member in members], axis=0),
            self._entrant(bloc.key) if valence is None else valence,
            members[0].character,
            status="registered",
            parties=bloc.parties,
        )
        opinion, aware = model.opinion, model.electorate.aware
        known = np.any([opinion.knows(member) for member in members], axis=0)
        aware[known] |= opinion.place(party)
        return party

    def _day(self, facts: PartyFacts) -> date | None:
        """The day on which a party of the case turns up: when it is on record as registered, else when it formed.

        A party that the administration orders is registered, if at all, by the run.
        """
        return facts.registered if facts.registered and not facts.sponsored else facts.formed

    def _end(self) -> None:
        """Parties of the record that merged or were dissolved since last month."""
        for facts in [facts for facts in self.ending if facts.ended and facts.ended <= self.model.today]:
            self.ending.remove(facts)
            party = self.model.parties.get(facts.key)
            if party is not None and party.registered:
                party.become("ended", self.model.today)
                into = next((heir.name for heir in self.model.case.parties if heir.key == facts.into), None)
                self.model.tell(f"{facts.name} {f'merges into {into}' if into else 'ceases'}, as on record")

    def _establish(self, facts: PartyFacts, *, known: bool) -> None:
        """A registered party of the record; one that stood before is known to most."""
        model = self.model
        party = self._party(facts, valence=model.case.valence(model.fitted.reading, facts.key), status="registered")
        if not known:
            party.reached.registered = model.today
        else:
            model.opinion.teach(party, model.mechanism.media.known_before, model.society.key(f"known/{facts.key}"))

    def _try_listed(self, facts: PartyFacts) -> None:
        """A group of the case tries under the scenario's law as often as that law deters fewer than the enacted one."""
        model = self.model
        if facts.sponsored:
            if model.administration.orders(facts):
                model.tell(f"the administration orders {facts.name} into being")
                self._party(facts, valence=model.case.valence(model.fitted.reading, facts.key))
            return
        asked = model.rules_on(model.today).registration.members
        enacted = model.law.on(model.today).registration.members  # of its own day, whatever law the scenario has
        if model.history.one(f"try/{facts.key}") * self.rate(enacted) < self.rate(asked):
            self._party(facts)
            model.tell(f"{facts.name} forms")

    def _latent(self, occasion: int) -> None:
        """Arrivals of the month, thinned from the most any law would see, so that founders are shared by scenarios."""
        s, history = self.settings, self.model.history
        most = s.unlisted * self.rate(0) / 12
        arrivals = int(poisson(history.uniform("latent", 1, occasion=occasion), np.array([most]))[0])
        if not arrivals:
            return
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
        parties: tuple[str, ...] = (),
    ) -> Party:
        party = Party(
            self.model,
            key=key,
            name=name,
            conduct=conduct,
            origin=origin,  # type: ignore[arg-type]
            position=position,
            valence=valence,
            character=character,
            formed=self.model.today,
            status=status,  # type: ignore[arg-type]
            sponsored=sponsored,
            parties=parties,
        )
        self.model.parties[key] = party
        return party
