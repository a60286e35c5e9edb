"""The twelve customer companies of the sample world, and how each of them uses the telephone."""

from dataclasses import dataclass

US_STANDARD, US_VOLUME, WORLD = "Standard US", "Volume US", "International"


@dataclass(frozen=True)
class Company:
    """One customer. `sessions` are a usual month's; months count back from the world's last.

    `joined` is (months back, day) of the activation, `left` months back of the closing or None.
    `dials` weighs the dial-in numbers by their label; `records` tells what its bridge hands over.
    """

    number: str
    name: str
    domain: str
    address: tuple[str, str, str, str, str, str]
    phone: str
    terms: str
    zone: str
    plan: str
    sessions: int
    on_demand: tuple[str, ...]
    one_time: tuple[str, ...]
    dials: dict[str, int]
    bridge: str = "bridge1"
    records: str = "switch"
    joined: tuple[int, int] = (30, 1)
    left: int | None = None
    card: tuple[str, str] | None = None
    bank: tuple[str, str] | None = None
    callers: int = 4
    more_conferences: int = 0


AURORA = Company(
    number="10418",
    name="Aurora Robotics",
    domain="aurora.example",
    address=("1 Seaport Lane", "Floor 7", "Boston", "MA", "02210", "US"),
    phone="+16175550123",
    terms="card",
    zone="America/New_York",
    plan=US_STANDARD,
    sessions=24,
    on_demand=(
        "Weekly meeting",
        "Board call",
        "Firmware stand-up",
        "Customer success, Europe",
        "Supplier review",
        "On-call bridge",
    ),
    one_time=(
        "Kick-off with Zürcher Präzisionswerkzeuge",
        "Investor update",
        "All hands: the new gripper",
    ),
    dials={"Toll-free, USA and Canada": 6, "Boston": 4, "London": 1},
    card=("visa", "4242"),
)
BRIGHTWATER = Company(
    number="10007",
    name="Brightwater Health Network",
    domain="brightwater.example",
    address=("455 North Lake Street", "", "Chicago", "IL", "60611", "US"),
    phone="+13125550170",
    terms="check",
    zone="America/Chicago",
    plan=US_VOLUME,
    sessions=300,
    on_demand=("Night shift handover", "Tumor board", "Transplant co-ordination", "Bed meeting"),
    one_time=("Accreditation visit", "Influenza task force", "Merger town hall"),
    dials={"Toll-free, USA and Canada": 9, "Chicago": 3},
    bridge="bridge2",
    records="table",
    callers=2,
    more_conferences=33,
)
DOLORES = Company(
    number="10731",
    name="Dolores Vega Consulting",
    domain="dolores-vega.example",
    address=("88 Canyon Road", "", "Santa Fe", "NM", "87501", "US"),
    phone="+15055550118",
    terms="card",
    zone="America/Denver",
    plan=US_STANDARD,
    sessions=0,
    on_demand=("Client line", "Workshop line"),
    one_time=("Annual planning",),
    dials={"Toll-free, USA and Canada": 1},
    card=("mastercard", "4444"),
)

COMPANIES = (
    AURORA,
    BRIGHTWATER,
    Company(
        number="10052",
        name="Castañeda & Søn Logística Internacional",
        domain="castaneda.example",
        address=("Calle de la Princesa 31", "3.º izquierda", "Madrid", "", "28008", "ES"),
        phone="+34915550112",
        terms="check",
        zone="Europe/Madrid",
        plan=WORLD,
        sessions=16,
        on_demand=("Reunión de tráfico", "Aduanas Algeciras", "Comité de dirección"),
        one_time=("Auditoría anual", "Licitación Puerto de Vigo"),
        dials={"Madrid": 7, "London": 1, "Toll-free, USA and Canada": 1},
    ),
    Company(
        number="10096",
        name=(
            "Compagnie Générale des Énergies Renouvelables du Littoral Méditerranéen "
            "et de ses Filiales d'Outre-mer"
        ),
        domain="energies-littoral.example",
        address=(
            "Résidence Les Calanques, Bâtiment C, Escalier 2",
            "147 avenue du Maréchal de Lattre de Tassigny",
            "Marseille",
            "",
            "13009",
            "FR",
        ),
        phone="+33491550112",
        terms="card",
        zone="Europe/Paris",
        plan=WORLD,
        sessions=18,
        on_demand=(
            "Comité de pilotage du parc éolien en mer de la façade occidentale (hebdomadaire)",
            "Point d'équipe",
            "Suivi des réclamations",
        ),
        one_time=("Consultation publique n° 12", "Réunion des actionnaires"),
        dials={"Paris": 6, "Madrid": 1, "Zürich": 1},
        card=("visa", "4242"),
    ),
    Company(
        number="10113",
        name="Zürcher Präzisionswerkzeuge AG",
        domain="zpw.example",
        address=("Hardturmstrasse 161", "", "Zürich", "", "8005", "CH"),
        phone="+41445550112",
        terms="check",
        zone="Europe/Zurich",
        plan=WORLD,
        sessions=14,
        on_demand=("Qualitätszirkel", "Geschäftsleitung", "Aussendienst Süd"),
        one_time=("Kundentag Böblingen",),
        dials={"Zürich": 6, "Paris": 1, "Boston": 1},
    ),
    Company(
        number="10240",
        name="Kaplan Whitfield Osei LLP",
        domain="kwo-law.example",
        address=("200 Broad Street", "Suite 3100", "New York", "NY", "10004", "US"),
        phone="+12125550190",
        terms="check",
        zone="America/New_York",
        plan=US_VOLUME,
        sessions=34,
        on_demand=(
            "Depositions",
            "Matter 4471: Halvorsen v. Tri-County",
            "Matter 4502: estate of R. Núñez",
            "Client intake",
            "Partners' meeting",
        ),
        one_time=("Mediation, day 1", "Mediation, day 2", "Bar association panel"),
        dials={"Toll-free, USA and Canada": 3, "New York": 7},
    ),
    Company(
        number="10305",
        name="Harbor & Pine Architects",
        domain="harborpine.example",
        address=("2101 Alder Avenue", "", "Seattle", "WA", "98101", "US"),
        phone="+12065550143",
        terms="card",
        zone="America/Los_Angeles",
        plan=US_STANDARD,
        sessions=12,
        on_demand=("Studio call", "Library project", "Site office", "Permits"),
        one_time=("Competition jury",),
        dials={"Toll-free, USA and Canada": 5, "Seattle": 4},
        card=("visa", "4242"),
    ),
    DOLORES,
    Company(
        number="10522",
        name="Ålesund Marine Survey AS",
        domain="alesund-survey.example",
        address=("Kirkegata 4", "", "Ålesund", "", "6004", "NO"),
        phone="+4770123456",
        terms="card",
        zone="Europe/Oslo",
        plan=WORLD,
        sessions=10,
        on_demand=("Skipsmøte", "Vær og rute", "Kontor Tromsø"),
        one_time=("Anbudskonferanse",),
        dials={"Oslo": 6, "London": 2},
        card=("mastercard", "4444"),
    ),
    Company(
        number="10366",
        name="Lone Star Drilling Supply",
        domain="lonestar-drilling.example",
        address=("9100 Westheimer Road", "", "Houston", "TX", "77063", "US"),
        phone="+17135550160",
        terms="check",
        zone="America/Chicago",
        plan=US_STANDARD,
        sessions=15,
        on_demand=("Rig call", "Dispatch", "Safety meeting"),
        one_time=("Asset sale",),
        dials={"Toll-free, USA and Canada": 6, "Houston": 3},
        left=4,
    ),
    Company(
        number="10688",
        name="Prairie Credit Union",
        domain="prairie-cu.example",
        address=("730 Larimer Square", "Suite 12", "Denver", "CO", "80202", "US"),
        phone="+13035550171",
        terms="card",
        zone="America/Denver",
        plan=US_STANDARD,
        sessions=13,
        on_demand=("Branch managers", "Loan committee", "Help desk"),
        one_time=("Members' meeting",),
        dials={"Toll-free, USA and Canada": 5, "Denver": 5},
        records="table",
        joined=(6, 17),
        bank=("STRIPE TEST BANK", "6789"),
    ),
    Company(
        number="10577",
        name="São Bento Têxteis Ltda.",
        domain="saobento.example",
        address=("Rua Álvares Penteado 151", "conjunto 42", "São Paulo", "SP", "01012-905", "BR"),
        phone="+551132550123",
        terms="card",
        zone="America/Sao_Paulo",
        plan=WORLD,
        sessions=15,
        on_demand=("Reunião de produção", "Coleção outono–inverno", "Diretoria"),
        one_time=("Negociação com fornecedores", "Assembleia"),
        dials={"São Paulo": 6, "Toll-free, USA and Canada": 2},
        card=("visa", "5556"),
    ),
)

#: (number, access type, label) of the operator's own numbers.
DIAL_IN_NUMBERS = (
    ("18005550100", "toll_free", "Toll-free, USA and Canada"),
    ("16175550110", "local", "Boston"),
    ("12125550101", "local", "New York"),
    ("13125550102", "local", "Chicago"),
    ("12065550103", "local", "Seattle"),
    ("17135550104", "local", "Houston"),
    ("13035550105", "local", "Denver"),
    ("442079460106", "international", "London"),
    ("33199000107", "international", "Paris"),
    ("34915550108", "international", "Madrid"),
    ("41445550109", "international", "Zürich"),
    ("4770120110", "international", "Oslo"),
    ("551132550111", "international", "São Paulo"),
)
#: By plan: the rates of old, and those in force for the world's last seven months.
RATES = {
    US_STANDARD: (
        {"toll_free": "0.049", "local": "0.029", "international": "0.119", "out_dial": "0.089"},
        {"toll_free": "0.0525", "local": "0.029", "international": "0.1225", "out_dial": "0.0925"},
    ),
    US_VOLUME: (
        {"toll_free": "0.0315", "local": "0.0315", "international": "0.098", "out_dial": "0.065"},
        {"toll_free": "0.02985", "local": "0.02985", "international": "0.098", "out_dial": "0.065"},
    ),
    WORLD: (
        {"toll_free": "0.079", "local": "0.045", "international": "0.069", "out_dial": "0.145"},
        {
            "toll_free": "0.079",
            "local": "0.045",
            "international": "0.071375",
            "out_dial": "0.1475",
        },
    ),
}
#: The one conference with rates of its own, by account number and name.
OWN_RATES = {("10240", "Depositions"): {"toll_free": "0.0695", "local": "0.0495"}}
