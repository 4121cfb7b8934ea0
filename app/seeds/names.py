"""Names, streets and telephone numbers, all invented; the numbers are among those reserved for drama."""

from random import Random


def _names(text: str, between: str | None = None) -> tuple[str, ...]:
    return tuple(" ".join(each.split()) for each in text.split(between))


WOMEN = _names("""
    Maya Chloe Amina Grace Zofia Leanne Priya Hannah Fatima Ruth Danielle Ngozi Carys Mei Samira Ellie Bronwen
    Olena Kirsty Adaeze Nadia Tanya Siobhan Parveen Lucia Joanne Yasmin Abigail Dorota Keira Farida Rhiannon
    Shanice Elif Marta Gemma Halima Isobel Katya Lorna Noor Paige Rosalind Simran Tegan Uzma Veronika Wendy Xiu
    Yetunde Zara Alison Blessing Catrin Deborah Esther Freya Gloria Hina Ines Jasmine Khadija Layla Michelle
    Natasha Oluchi Petra Rebecca Sinead Thandiwe Ursula Violet Winifred Anjali Bethan Comfort
""")
MEN = _names("""
    Dale Marcus Tomasz Kieran Imad Lewis Andrei Gareth Hassan Jordan Callum Piotr Dwayne Rhys Sanjay Craig Emeka
    Owen Vikram Stuart Jamal Declan Florin Neil Omar Ricky Anton Bradley Kofi Lee Mehmet Nathan Pavel Quentin Ryan
    Shaun Tariq Umar Victor Wayne Yusuf Zoltan Aidan Bilal Connor Darren Edwin Faisal Glen Harvey Ivan Jerome Karl
    Liam Mohsin Nigel Oscar Perry Robbie Sunil Terry Abdul Barry Curtis Dinesh Errol Fraser Gavin
""")
CHILDREN = _names("""
    Ava Noah Leila Finn Zainab Oscar Mia Kai Ruby Idris Poppy Theo Anaya Jude Maisie Tunde Ivy Milo Safiya Harry
    Skye Reuben Hana Alfie Esme Yusra Logan Nia Caleb Aleena Toby Wiktoria Bobby Iris Samuel Lola Rafi Elsie
    Jayden Amara
""")
FAMILIES = _names("""
    Oduya Kowalczyk Rahman Pennington Ashdown Mistry Fairley Okonjo Levchenko Draper Sandhu
    Whitcombe Bassett Yilmaz Carew Dlamini Entwistle Farrukh Gallagher Hutchings Ivanova Jarrold Kettering Lanyon
    Mbeki Norwood Osborne-Vale Pascoe Quilter Rowntree Shergill Treloar Underhill Vasquez Wetherby Xu Yardley
    Zamani Arkwright Blackmoor Chaudhry Dunmore Eccles Featherby Greaves Hollis Imanov Jessop Kilbride Lockwood
    Maddern Nwosu Oldacre Prentice Quayle Ridgeway Sowande Tamworth Usmani Venner Wolstan Yeoman Zielonka Abara
    Birtwell Colclough Dragomir Elphick Fonseca Garside Hadleigh Inskip Jankauskas Keogh Larkfield Merriweather
    Nettleship Omondi Pemberly Radford Stathos Tolworth Uddin Vickery Wainfleet Yelland Ackroyd Bramhall Cazenove
    Dearlove Eastley Fothergill Goodchild
""")
STREETS = _names(
    """
    Invented Row; Gannet Close; Sailmaker Street; Old Ropewalk; Harbourmaster Lane; Cuttlefish Court; Lantern
    Road; Mizzen Avenue; Tidewrack Terrace; Saltpan Way; Bellbuoy Gardens; Kittiwake Drive; Windlass Place;
    Chandler Rise; Sandpiper Mews; Breakwater Crescent; Fathom Street; Oakum Yard; Spindrift Close; Capstan Road
""",
    ";",
)
QUARTERS = ("Eastquay", "Millbrow", "Shorefield", "Upper Saltings", "Northgate", "Priory Hill")
SCHOOLS = ("Saltings Primary School", "Eastquay Infant School", "Northgate Academy", "Priory Hill School")
_POSTCODE_END = "ABDEFGHJLNPQRSTUWXYZ"


def street(rng: Random) -> list[str]:
    """The lines of an address in a city that does not exist."""
    return [f"{rng.randint(1, 180)} {rng.choice(STREETS)}", rng.choice(QUARTERS), "Southmere"]


def postcode(rng: Random) -> str:
    """Of the right shape, in an area (QQ would be refused, so ZE of Shetland's far end) that has no such district."""
    return f"ZE{rng.randint(50, 99)} {rng.randint(0, 9)}{rng.choice(_POSTCODE_END)}{rng.choice(_POSTCODE_END)}"


def mobile(rng: Random) -> str:
    """One of the mobile numbers reserved for drama."""
    return f"07700 900{rng.randint(0, 999):03d}"


def landline(rng: Random) -> str:
    """One of the landline numbers reserved for drama."""
    return f"01632 960{rng.randint(0, 999):03d}"
