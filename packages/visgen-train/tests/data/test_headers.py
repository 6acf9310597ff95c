"""Headers of sequences, in the forms of the usual databases, and the species each names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visgen_train.data.headers import species_of_header
from visgen_train.data.species import canonical

LINEAGE = "Eukaryota;SAR;Rhizaria;Retaria;Foraminifera;Globothalamea;"
PR2 = "Eukaryota|TSAR|Rhizaria|Foraminifera|Globothalamea|Globothalamea_X|Globigerina"


@pytest.mark.parametrize(
    ("header", "species"),
    [
        ("MK499771 Candeina nitida", "Candeina nitida"),
        ("MK499771 Candeina nitida isolate C207 18S rRNA gene", "Candeina nitida"),
        ("MK499771.1 Candeina nitida voucher C207; 18S ribosomal RNA gene", "Candeina nitida"),
        ("MK499771\tCandeina   nitida", "Candeina nitida"),
        ("MK499771.1 UNVERIFIED: Candeina nitida isolate 7", "Candeina nitida"),
        ("BK1.1 TPA_asm: Candeina nitida 18S", "Candeina nitida"),
        ("ENA|MK499771|MK499771.1 Candeina nitida isolate 7 18S rRNA gene", "Candeina nitida"),
        ("gi|12|gb|MK499771.1| Candeina nitida isolate 7", "Candeina nitida"),
        ("NC_1.1:5-90 [organism=Candeina nitida] [isolate=7]", "Candeina nitida"),
        ("GBDP16934-15|Aedes_aegypti|COI-5P|KP843385", "Aedes aegypti"),
        ("GBDP16934-15|Aedes aegypti|COI-5P", "Aedes aegypti"),
        ("AB263438|Neogloboquadrina_dutertrei", "Neogloboquadrina dutertrei"),
        ("X1|South africa|Aedes aegypti", "Aedes aegypti"),
        ("X1|Aedes aegypti|South_africa|Indian ocean|Smithsonian institution", "Aedes aegypti"),
        ("X1|Costa rica|Partial cds|COI-5P|MK1.1 Aedes aegypti voucher 7", "Aedes aegypti"),
        ("X1|Aedes Stegomyia aegypti", None),
        ("X1|South africa", None),
        ("Aedes_aegypti_1 South africa", "Aedes aegypti"),
        ("X1|Aedes aegypti|Aedes_aegypti", "Aedes aegypti"),
        ("X1|COI-5P|Culex quinquefasciatus|UK", "Culex quinquefasciatus"),
        (f"AB123.1.1800 {LINEAGE}Globigerina;Globigerina bulloides", "Globigerina bulloides"),
        (f"AB123.1.1800 {LINEAGE}Globigerina;uncultured eukaryote", None),
        (f"AB1.1.1740_U|18S_rRNA|nucleus||{PR2}|Globigerina_bulloides", "Globigerina bulloides"),
        (f"AB1.1.1740_U|18S_rRNA|nucleus||{PR2}|Globigerina_sp.", "Globigerina sp."),
        ("X1 Globigerinoides ruber-albus", "Globigerinoides ruber-albus"),
        ("X1 Globigerinoides ruber subsp. albus isolate 3", "Globigerinoides ruber albus"),
        ("X1 Globorotalia (Hirsutella) hirsuta isolate 3", "Globorotalia hirsuta"),
        ("Aedes_aegypti_1", "Aedes aegypti"),
        ("X1 Aus type1 whole genome", "Aus type1"),
        ("MK499771", None),
        ("X1 Culex sp. A", "Culex sp. A"),
        ("X1 Culex sp. BOLD:AAA1234 voucher 7", "Culex sp. BOLD:AAA1234"),
        ("X1 Culex sp. voucher 7", "Culex sp."),
        ("X1|Culex_cf._pipiens", "Culex cf. pipiens"),
        ("X1 Sphaeroidinella spinosa", "Sphaeroidinella spinosa"),
        ("MK499771 uncultured eukaryote", None),
        ("MK499771 Uncultured eukaryote clone 7", None),
        ("X1|COI-5P", None),
        ("", None),
    ],
)
def test_species_of_header(header, species):
    assert species_of_header(header) == ([] if species is None else [species])


def test_where_two_fields_may_be_the_name_both_are_told():
    assert species_of_header("X1|Plasmodium_falciparum|Homo sapiens") == [
        "Plasmodium falciparum",
        "Homo sapiens",
    ]
    assert species_of_header("X1|Homo sapiens|MK1.1 Plasmodium falciparum") == [
        "Homo sapiens",
        "Plasmodium falciparum",
    ]
    assert species_of_header("Aedes_aegypti_1 Aedes albopictus") == ["Aedes albopictus", "Aedes aegypti"]


@given(st.text(max_size=80))
def test_any_header_is_read_or_not_and_what_is_read_is_spelt_as_everywhere(text):
    found = species_of_header(text)
    assert [canonical(name) for name in found] == found


@given(
    st.sampled_from(["{id} {name} isolate 7", "{id}|{name}|COI-5P", "{id}.1.90 Eukaryota;SAR;{name}"]),
    st.from_regex(r"[A-Z]{2}[0-9]{6}", fullmatch=True),
    st.from_regex(r"[A-Z][a-z]{3,9} (?!f|cf|aff|nr|gr|sp|and|with|of|in|on|or)[a-z]{4,12}", fullmatch=True),
    st.booleans(),
)
def test_a_binomial_is_found_in_every_form(form, id_, name, underscored):
    header = form.format(id=id_, name=name.replace(" ", "_") if underscored else name)
    expected = None if name.split()[0].lower() in {"other", "unknown"} else name
    assert species_of_header(header) == ([] if expected is None else [expected])
