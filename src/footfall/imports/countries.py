"""Names of countries, as other tools write them, to their codes of ISO 3166-1 alpha-2."""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
AD Andorra; AE United Arab Emirates, UAE; AF Afghanistan; AG Antigua and Barbuda, Antigua & Barbuda; AI Anguilla;
AL Albania; AM Armenia; AO Angola; AQ Antarctica; AR Argentina; AS American Samoa; AT Austria; AU Australia; AW Aruba;
AX Åland Islands; AZ Azerbaijan; BA Bosnia and Herzegovina, Bosnia & Herzegovina; BB Barbados; BD Bangladesh;
BE Belgium; BF Burkina Faso; BG Bulgaria; BH Bahrain; BI Burundi; BJ Benin; BL St. Barthélemy, Saint Barthélemy;
BM Bermuda; BN Brunei, Brunei Darussalam; BO Bolivia; BQ Caribbean Netherlands; BR Brazil; BS Bahamas, The Bahamas;
BT Bhutan; BV Bouvet Island; BW Botswana; BY Belarus; BZ Belize; CA Canada; CC Cocos (Keeling) Islands;
CD Congo - Kinshasa, Democratic Republic of the Congo, DR Congo; CF Central African Republic;
CG Congo - Brazzaville, Republic of the Congo, Congo; CH Switzerland; CI Côte d’Ivoire, Côte d'Ivoire, Ivory Coast;
CK Cook Islands; CL Chile; CM Cameroon; CN China; CO Colombia; CR Costa Rica; CU Cuba; CV Cape Verde, Cabo Verde;
CW Curaçao; CX Christmas Island; CY Cyprus; CZ Czechia, Czech Republic; DE Germany; DJ Djibouti; DK Denmark;
DM Dominica; DO Dominican Republic; DZ Algeria; EC Ecuador; EE Estonia; EG Egypt; EH Western Sahara; ER Eritrea;
ES Spain; ET Ethiopia; FI Finland; FJ Fiji; FK Falkland Islands, Falkland Islands (Islas Malvinas); FM Micronesia;
FO Faroe Islands; FR France; GA Gabon; GB United Kingdom, UK, Great Britain, England, Scotland, Wales; GD Grenada;
GE Georgia; GF French Guiana; GG Guernsey; GH Ghana; GI Gibraltar; GL Greenland; GM Gambia, The Gambia; GN Guinea;
GP Guadeloupe; GQ Equatorial Guinea; GR Greece; GS South Georgia and the South Sandwich Islands; GT Guatemala; GU Guam;
GW Guinea-Bissau; GY Guyana; HK Hong Kong, Hong Kong SAR China; HM Heard and McDonald Islands; HN Honduras; HR Croatia;
HT Haiti; HU Hungary; ID Indonesia; IE Ireland, Eire, Republic of Ireland; IL Israel; IM Isle of Man; IN India;
IO British Indian Ocean Territory; IQ Iraq; IR Iran; IS Iceland; IT Italy; JE Jersey; JM Jamaica; JO Jordan; JP Japan;
KE Kenya; KG Kyrgyzstan; KH Cambodia; KI Kiribati; KM Comoros; KN St. Kitts & Nevis, Saint Kitts and Nevis;
KP North Korea; KR South Korea, Republic of Korea, Korea; KW Kuwait; KY Cayman Islands; KZ Kazakhstan; LA Laos;
LB Lebanon; LC St. Lucia, Saint Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia; LS Lesotho; LT Lithuania;
LU Luxembourg; LV Latvia; LY Libya; MA Morocco; MC Monaco; MD Moldova, Republic of Moldova; ME Montenegro;
MF St. Martin, Saint Martin; MG Madagascar; MH Marshall Islands; MK North Macedonia, Macedonia; ML Mali;
MM Myanmar, Myanmar (Burma); MN Mongolia; MO Macao, Macau; MP Northern Mariana Islands; MQ Martinique; MR Mauritania;
MS Montserrat; MT Malta; MU Mauritius; MV Maldives; MW Malawi; MX Mexico; MY Malaysia; MZ Mozambique; NA Namibia;
NC New Caledonia; NE Niger; NF Norfolk Island; NG Nigeria; NI Nicaragua; NL Netherlands, The Netherlands, Holland;
NO Norway; NP Nepal; NR Nauru; NU Niue; NZ New Zealand; OM Oman; PA Panama; PE Peru; PF French Polynesia;
PG Papua New Guinea; PH Philippines; PK Pakistan; PL Poland; PM St. Pierre & Miquelon, Saint Pierre and Miquelon;
PN Pitcairn Islands, Pitcairn; PR Puerto Rico; PS Palestine, Palestinian Territories; PT Portugal; PW Palau;
PY Paraguay; QA Qatar; RE Réunion; RO Romania; RS Serbia; RU Russia, Russian Federation; RW Rwanda; SA Saudi Arabia;
SB Solomon Islands; SC Seychelles; SD Sudan; SE Sweden; SG Singapore; SH St. Helena, Saint Helena; SI Slovenia;
SJ Svalbard & Jan Mayen, Svalbard and Jan Mayen; SK Slovakia; SL Sierra Leone; SM San Marino; SN Senegal; SO Somalia;
SR Suriname; SS South Sudan; ST São Tomé & Príncipe, São Tomé and Príncipe; SV El Salvador; SX Sint Maarten; SY Syria;
SZ Eswatini, Swaziland; TC Turks & Caicos Islands, Turks and Caicos Islands; TD Chad; TF French Southern Territories;
TG Togo; TH Thailand; TJ Tajikistan; TK Tokelau; TL Timor-Leste, East Timor; TM Turkmenistan; TN Tunisia; TO Tonga;
TR Turkey, Türkiye; TT Trinidad & Tobago, Trinidad and Tobago; TV Tuvalu; TW Taiwan; TZ Tanzania; UA Ukraine;
UG Uganda; UM U.S. Outlying Islands; US United States, United States of America, USA, U.S.A.; UY Uruguay;
UZ Uzbekistan; VA Vatican City, Holy See; VC St. Vincent & Grenadines, Saint Vincent and the Grenadines; VE Venezuela;
VG British Virgin Islands; VI U.S. Virgin Islands; VN Vietnam, Viet Nam; VU Vanuatu; WF Wallis & Futuna,
Wallis and Futuna; WS Samoa; XK Kosovo; YE Yemen; YT Mayotte; ZA South Africa, RSA; ZM Zambia; ZW Zimbabwe
"""


def _codes() -> dict[str, str]:
    entries = (entry.strip().partition(" ") for entry in _NAMES.replace("\n", " ").split(";"))
    return {name.strip().casefold(): code for code, _, names in entries for name in (code, *names.split(","))}


_CODES: Final = _codes()


def country_code(name: str) -> str | None:
    """The code of a country that is named, or of its code; None for what is none (or several).

    >>> country_code("EIRE"), country_code("de"), country_code("Channel Islands")
    ('IE', 'DE', None)
    """
    return _CODES.get(name.strip().casefold())
