"""What is asked: a scenario, composed of the settings that each room declares beside its code."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from sim.actors.settings import CommissionSettings, ObserverSettings, RegistrarSettings
from sim.law.rules import Overrides
from sim.malpractice.audit import AuditSettings
from sim.malpractice.candidate_filtering import CandidateSettings
from sim.malpractice.carousel import CarouselSettings
from sim.malpractice.detention import DetentionSettings
from sim.malpractice.discretion import DiscretionSettings
from sim.malpractice.expulsion import BarringSettings, ExpulsionSettings
from sim.malpractice.media_closure import MediaSettings
from sim.malpractice.mobilisation import MobilisationSettings
from sim.malpractice.practice import Practice
from sim.malpractice.repression import RepressionSettings
from sim.malpractice.rewriting import RewritingSettings
from sim.malpractice.sponsorship import SponsorshipSettings
from sim.malpractice.tabulation import TabulationSettings
from sim.process.decades_settings import Day, Decades
from sim.process.settings import (
    AftermathSettings,
    ChoiceSettings,
    CountSettings,
    FormationSettings,
    FoundingSettings,
    NominationSettings,
    OpinionSettings,
    RecruitmentSettings,
    TurnoutSettings,
)
from sim.scenario.case import Reading
from sim.society.settings import NetworkSettings, PopulationSettings, StationSettings
from sim.strict import Strict, setting

Level = Literal["low", "high"]
"""Which reading of the official totals is assumed: little manipulation of the count, or much of it."""


class Mechanism(Strict):
    """Amounts and weights of every mechanism; the levers are the law and the practice, not these."""

    network: NetworkSettings = NetworkSettings()
    opinion: OpinionSettings = OpinionSettings()
    formation: FormationSettings = FormationSettings()
    recruitment: RecruitmentSettings = RecruitmentSettings()
    founding: FoundingSettings = FoundingSettings()
    registrar: RegistrarSettings = RegistrarSettings()
    discretion: DiscretionSettings = DiscretionSettings()
    audit: AuditSettings = AuditSettings()
    repression: RepressionSettings = RepressionSettings()
    detention: DetentionSettings = DetentionSettings()
    sponsorship: SponsorshipSettings = SponsorshipSettings()
    media: MediaSettings = MediaSettings()
    nomination: NominationSettings = NominationSettings()
    candidates: CandidateSettings = CandidateSettings()
    choice: ChoiceSettings = ChoiceSettings()
    turnout: TurnoutSettings = TurnoutSettings()
    mobilisation: MobilisationSettings = MobilisationSettings()
    stations: StationSettings = StationSettings()
    count: CountSettings = CountSettings()
    commissions: CommissionSettings = CommissionSettings()
    observers: ObserverSettings = ObserverSettings()
    expulsion: ExpulsionSettings = ExpulsionSettings()
    barring: BarringSettings = BarringSettings()
    carousel: CarouselSettings = CarouselSettings()
    rewriting: RewritingSettings = RewritingSettings()
    tabulation: TabulationSettings = TabulationSettings()
    aftermath: AftermathSettings = AftermathSettings()


class Scenario(Strict):
    """One configured world: the law it amends, the practice it follows, and the mechanisms that answer.

    ``law`` holds amendments only; what it leaves out is the dated law of the case. ``level`` chooses between two
    readings of the official totals that those totals cannot tell apart.
    """

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-z0-9][a-z0-9._-]*$")] = Field(
        description="what results are stored under; the file's name unless given"
    )
    title: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="one line for tables and figures")
    case: str = Field("kazakhstan", description="folder of facts the scenario rests on")
    election: str = Field("2023", description="election of the case that is simulated")
    years_before: int = setting(2, "assumed", "years simulated before the election", unit="years", ge=1, le=3)
    level: Level = Field("low", description="reading of the official totals: little manipulation of the count, or much")
    reading: Reading | None = Field(None, description="your own reading of the official totals, instead of the level's")
    population: PopulationSettings = PopulationSettings()
    law_day: Day | None = Field(
        None, description="the law is that of this day (YYYY-MM-DD) throughout, instead of each day's own"
    )
    law: Overrides = Overrides()
    practice: Practice = Practice()
    mechanism: Mechanism = Mechanism()
    decades: Decades | None = Field(
        None, description="instead of one election, the life of parties over many (docs/registration.md)"
    )

    def vary(self, path: str, value: Any, *, title: str | None = None, name: str | None = None) -> Self:
        """A copy in which the setting at a dotted path has another value.

        The copy is checked like a file. Its name is the old one plus the change, unless given.

        Raises:
            InputError: no such setting (with the nearest one), or a value it does not allow.
        """
        from sim.scenario.load import varied

        return varied(self, path, value, title=title, name=name)
