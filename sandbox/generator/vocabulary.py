"""Words the generator writes with: plain ones, and the ones that break careless code."""

from __future__ import annotations

from sandbox.generator.identity import draw, pick

ADJECTIVES = (
    "Open", "Public", "Green", "Local", "Common", "Quadratic", "Regenerative", "Civic", "Solar", "Shared",
    "Light", "Verifiable", "Private", "Plural", "Rural", "Modular", "Mutual", "Trusted", "Free", "Living",
)  # fmt: skip
NOUNS = (
    "Garden", "Library", "Ledger", "Commons", "Academy", "Bridge", "Client", "Explorer", "Wallet", "Forest",
    "Node", "Compiler", "Archive", "Bazaar", "Guild", "Protocol", "Registry", "Toolkit", "Reef", "Harvest",
)  # fmt: skip
ODD_TITLES = (
    "L'Observatoire du Bien Commun",
    'The "Public Goods" Podcast',
    "Регенеративная сеть",
    "مشروع الطاقة الشمسية",
    "ספריית הקוד הפתוח",
    "公共物品图书馆",
    "🌱 Garden of Forking Paths 🦄",
    "Ünïcödé & Söhne <tools>",
    "100% Open; DROP TABLE donations --",
    "tab\tand\nnewline",
    "back\\slash and 'quotes' and \"more\"",
    "  spaces around  ",
)
THEMES = (
    "OSS - Developer Tooling", "OSS - dApps and Apps", "Web3 Community and Education", "Climate Solutions",
    "Ethereum Infrastructure", "ENS Ecosystem", "Global Chinese Community", "Token Engineering", "DeSci",
    "Zuzalu QF", "ReFi Local Nodes", "Web3 Social",
)  # fmt: skip
ODD_ROUND_NAMES = (
    "Citizens' Round: l'été 🌻",
    'The "Matching" Round',
    "جولة المناخ",
    "Климатический раунд",
)
SENTENCES = (
    "We build software that anyone may read, run and change.",
    "Our team has shipped every month since the first grant.",
    "The grant pays for maintenance, audits and documentation.",
    "More than forty contributors from a dozen countries take part.",
    "We publish our accounts and our minutes every quarter.",
    "Last season's milestones were met; the next ones are listed below.",
    "Réduire la dépendance aux fournisseurs centralisés est notre but.",
    "Donors told us what hurts, and we've written it down.",
    "The code is covered by tests and by an independent review.",
    "Nuestra comunidad enseña a nuevas personas cada semana.",
    "Impact is measured with open data that can be checked by anybody.",
    "We run nodes on small machines so that the network stays diverse.",
    "Hosting, travel and translation are paid from the matching pool.",
    'A user wrote: "this saved our cooperative a year of work".',
    "木を植えることから始めました。",
    "The road map is public and every item has an owner and a date.",
    "We answer questions in the forum within two days.",
    "Results are licensed for reuse without asking.",
)


def project_title(project: int) -> str:
    """Title of a project; the first dozen carry the awkward ones."""
    if project < len(ODD_TITLES):
        return ODD_TITLES[project]
    return f"{pick(ADJECTIVES, 'adjective', project)} {pick(NOUNS, 'noun', project)} {project}"


def description(project: int, characters: int = 3_000) -> str:
    """About that many characters of Markdown about a project."""
    lines: list[str] = [f"# {project_title(project)}"]
    length = 0
    while length < characters:
        key = f"{pick(SENTENCES, 'sentence', project, len(lines))} ({project}.{len(lines)})"
        lines.append(key if draw("break", project, len(lines)) < 0.8 else key + "\n")
        length += len(key) + 1
    return "\n".join(lines)


def round_name(number: int) -> str:
    """Name of a funding round; every eleventh is awkward."""
    if number % 11 == 4:
        return f"{ODD_ROUND_NAMES[number // 11 % len(ODD_ROUND_NAMES)]} {number}"
    return f"{pick(THEMES, 'theme', number)} {number}"
