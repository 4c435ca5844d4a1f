/* example_places: where the members of the example population live, and the words that their names
 * are made of. SPDX-License-Identifier: Apache-2.0 */
#include "cli/example.h"

/* clang-format off */
const struct example_words example_words[LANGUAGES] = {
    [ENGLISH] = {
        {"Alder", "Aspen", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Oak",
         "Rowan", "Willow"},
        {"Brook", "Field", "Harbour", "Hill", "Lake", "Meadow", "Moor", "River", "Shore", "Stone",
         "Valley", "Wood"}},
    [GERMAN] = {
        {"Ahorn", "Birke", "Buche", "Eibe", "Erle", "Fichte", "Hasel", "Linde", "Tanne", "Ulme",
         "Weide", "Zeder"},
        {"Bach", "Berg", "Feld", "Fluss", "Hain", "Hügel", "Küste", "See", "Stein", "Tal", "Wald",
         "Wiese"}},
    [FRENCH] = {
        {"Aubépine", "Bouleau", "Cèdre", "Chêne", "Érable", "Frêne", "Genêt", "Hêtre", "Noisetier",
         "Orme", "Sapin", "Tilleul"},
        {"Colline", "Étang", "Falaise", "Forêt", "Lac", "Montagne", "Plaine", "Prairie", "Rivière",
         "Rocher", "Ruisseau", "Vallée"}},
    [SPANISH] = {
        {"Abedul", "Abeto", "Acacia", "Álamo", "Arce", "Avellano", "Castaño", "Cedro", "Ciprés",
         "Encina", "Fresno", "Olmo"},
        {"Arroyo", "Bosque", "Cerro", "Costa", "Lago", "Llano", "Monte", "Peña", "Prado", "Río",
         "Sierra", "Valle"}},
    [PORTUGUESE] = {
        {"Acácia", "Bétula", "Carvalho", "Castanheiro", "Cedro", "Choupo", "Faia", "Freixo",
         "Nogueira", "Olmo", "Pinheiro", "Salgueiro"},
        {"Bosque", "Campo", "Colina", "Costa", "Lago", "Montanha", "Pedra", "Planície", "Rio",
         "Serra", "Vale", "Várzea"}},
    [ITALIAN] = {
        {"Abete", "Acero", "Betulla", "Castagno", "Cedro", "Cipresso", "Faggio", "Frassino",
         "Nocciolo", "Olmo", "Pino", "Tiglio"},
        {"Bosco", "Campo", "Colle", "Costa", "Fiume", "Lago", "Monte", "Piano", "Prato", "Riva",
         "Sasso", "Valle"}},
    [DUTCH] = {
        {"Berk", "Beuk", "Eik", "Els", "Es", "Esdoorn", "Hazelaar", "Iep", "Linde", "Populier",
         "Spar", "Wilg"},
        {"Beek", "Berg", "Bos", "Dal", "Duin", "Heuvel", "Kust", "Meer", "Rivier", "Steen", "Veld",
         "Weide"}},
    [SWEDISH] = {
        {"Al", "Alm", "Ask", "Björk", "Bok", "Ek", "Gran", "Hassel", "Lind", "Lönn", "Rönn",
         "Tall"},
        {"Berg", "Bäck", "Dal", "Fjäll", "Hav", "Höjd", "Kust", "Sjö", "Skog", "Sten", "Strand",
         "Äng"}},
    [POLISH] = {
        {"Brzoza", "Buk", "Cis", "Dąb", "Grab", "Jarząb", "Jawor", "Jesion", "Klon", "Lipa",
         "Olcha", "Wiąz"},
        {"Brzeg", "Dolina", "Góra", "Jezioro", "Kamień", "Las", "Łąka", "Morze", "Pole", "Potok",
         "Rzeka", "Wzgórze"}},
    [TURKISH] = {
        {"Ardıç", "Çam", "Çınar", "Fındık", "Gürgen", "Ihlamur", "Kavak", "Kayın", "Ladin", "Meşe",
         "Selvi", "Söğüt"},
        {"Dağ", "Deniz", "Dere", "Göl", "Irmak", "Kaya", "Kıyı", "Orman", "Ova", "Tepe", "Vadi",
         "Yayla"}},
    [INDONESIAN] = {
        {"Beringin", "Cemara", "Cendana", "Jati", "Kelapa", "Ketapang", "Mahoni", "Meranti",
         "Nangka", "Pinus", "Sawo", "Waru"},
        {"Bukit", "Danau", "Gunung", "Hutan", "Kebun", "Ladang", "Lembah", "Pantai", "Pulau",
         "Sawah", "Sungai", "Telaga"}},
    [GREEK] = {
        {"Βελανιδιά", "Έλατο", "Ελιά", "Ιτιά", "Κέδρος", "Κυπαρίσσι", "Λεύκα", "Οξιά", "Πεύκο",
         "Πλάτανος", "Σημύδα", "Φλαμουριά"},
        {"Ακτή", "Βουνό", "Βράχος", "Δάσος", "Θάλασσα", "Κοιλάδα", "Λίμνη", "Λιβάδι", "Λόφος",
         "Νησί", "Πέτρα", "Ποτάμι"}},
    [CYRILLIC] = {
        {"Берёза", "Вяз", "Дуб", "Ель", "Ива", "Клён", "Липа", "Ольха", "Осина", "Рябина", "Сосна",
         "Ясень"},
        {"Берег", "Гора", "Долина", "Камень", "Лес", "Луг", "Море", "Озеро", "Поле", "Река",
         "Роща", "Ручей"}},
    [HEBREW] = {
        {"אורן", "אלון", "ארז", "ברוש", "דקל", "חרוב", "לבנה", "ערבה", "רימון", "שיטה", "תאנה",
         "תמר"},
        {"אגם", "גבעה", "הר", "חוף", "יער", "ים", "מעיין", "נהר", "נחל", "סלע", "עמק", "שדה"}},
    [HINDI] = {
        {"आम", "खजूर", "चंदन", "चीड़", "देवदार", "नीम", "पीपल", "बरगद", "बाँस", "शीशम", "सागौन",
         "साल"},
        {"उपवन", "घाटी", "झरना", "झील", "टीला", "तट", "नदी", "पर्वत", "मैदान", "वन", "शिला",
         "सागर"}},
    [JAPANESE] = {
        {"山", "川", "森", "林", "野", "浜", "丘", "谷", "湖", "泉", "岩", "島"},
        {"松", "杉", "桜", "楓", "梅", "竹", "柳", "桐", "椿", "樫", "栗", "藤"}},
    [KOREAN] = {
        {"강", "골짜기", "들", "물가", "바다", "바위", "산", "샘", "섬", "숲", "언덕", "호수"},
        {"단풍", "대나무", "동백", "매화", "목련", "밤나무", "버들", "벚나무", "소나무", "은행",
         "전나무", "참나무"}},
    [CHINESE] = {
        {"山", "河", "林", "海", "湖", "田", "泉", "谷", "島", "石", "溪", "原"},
        {"松", "柏", "竹", "梅", "楓", "柳", "桂", "榕", "槐", "樟", "杉", "桐"}},
    [THAI] = {
        {"จามจุรี", "ตาล", "ไทร", "ประดู่", "ไผ่", "โพธิ์", "มะพร้าว", "มะม่วง",
         "ราชพฤกษ์", "ลำดวน", "สน", "สัก"},
        {"เกาะ", "ทะเล", "ทะเลสาบ", "ทุ่ง", "น้ำตก", "ป่า", "ภูเขา",
         "แม่น้ำ", "ลำธาร", "หาด", "หิน", "หุบเขา"}},
};

#define CA_REGIONS "ON QC BC AB NS SK"
#define US_REGIONS "CA TX NY FL IL WA CO"
const struct example_place example_places[] = {
    {"AR", 20, SPANISH,    "es-AR", "", "amex diners naranja visa_prepaid wallet"},
    {"AT", 9,  GERMAN,     "de-AT", "", "amex maestro wallet carrier_alpen_at carrier_donau_at"},
    {"AU", 30, ENGLISH,    "en-AU", "", "amex mastercard_prepaid wallet"},
    {"BE", 10, FRENCH,     "fr-BE", "", "amex maestro wallet"},
    {"BG", 3,  CYRILLIC,   "bg-BG", "", "amex wallet"},
    {"BO", 2,  SPANISH,    "es-BO", "", ""},
    {"BR", 70, PORTUGUESE, "pt-BR", "", "elo hipercard visa_virtual wallet carrier_rio_br"},
    {"CA", 40, ENGLISH,    "en-CA", CA_REGIONS, "amex visa_prepaid wallet"},
    {"CH", 9,  GERMAN,     "de-CH", "", "amex maestro wallet carrier_matterhorn_ch"},
    {"CL", 11, SPANISH,    "es-CL", "", "amex diners visa_virtual wallet"},
    {"CO", 14, SPANISH,    "es-CO", "", "amex diners visa_prepaid wallet"},
    {"CR", 3,  SPANISH,    "es-CR", "", "amex diners wallet"},
    {"CZ", 6,  POLISH,     "cs-CZ", "", "amex maestro wallet"},
    {"DE", 65, GERMAN,     "de-DE", "", "amex maestro wallet carrier_rhein_de carrier_isar_de"},
    {"DK", 10, SWEDISH,    "da-DK", "", "amex dankort wallet"},
    {"EC", 5,  SPANISH,    "es-EC", "", "amex diners visa_virtual wallet"},
    {"EE", 2,  ENGLISH,    "et-EE", "", "amex wallet"},
    {"ES", 40, SPANISH,    "es-ES", "MD CT AN GC TF", "amex visa_virtual wallet carrier_ebro_es"},
    {"FI", 8,  SWEDISH,    "sv-FI", "", "amex wallet"},
    {"FR", 55, FRENCH,     "fr-FR", "", "amex cartes_bancaires wallet carrier_loire_fr"},
    {"GB", 75, ENGLISH,    "en-GB", "", "amex visa_prepaid wallet carrier_thames_gb"},
    {"GI", 1,  ENGLISH,    "en-GI", "", "amex wallet"},
    {"GR", 6,  GREEK,      "el-GR", "", "amex wallet"},
    {"GT", 2,  SPANISH,    "es-GT", "", "amex diners mastercard_prepaid"},
    {"HK", 6,  CHINESE,    "zh-HK", "", "amex jcb unionpay wallet"},
    {"HN", 2,  SPANISH,    "es-HN", "", "visa_prepaid"},
    {"HR", 3,  POLISH,     "hr-HR", "", "amex wallet"},
    {"HU", 5,  ENGLISH,    "hu-HU", "", "amex maestro wallet"},
    {"ID", 9,  INDONESIAN, "id-ID", "", "amex jcb carrier_toba_id"},
    {"IE", 7,  ENGLISH,    "en-IE", "", "amex wallet"},
    {"IL", 6,  HEBREW,     "he-IL", "", "amex wallet"},
    {"IN", 38, HINDI,      "hi-IN", "", "diners rupay"},
    {"IS", 1,  SWEDISH,    "is-IS", "", "wallet"},
    {"IT", 32, ITALIAN,    "it-IT", "", "amex mastercard_prepaid wallet carrier_tevere_it"},
    {"JP", 42, JAPANESE,   "ja-JP", "", "amex jcb diners wallet carrier_fuji_jp"},
    {"KR", 32, KOREAN,     "ko-KR", "", "amex jcb carrier_han_kr"},
    {"LI", 1,  GERMAN,     "de-LI", "", "amex maestro wallet"},
    {"LT", 2,  ENGLISH,    "lt-LT", "", "amex wallet"},
    {"LV", 2,  ENGLISH,    "lv-LV", "", "amex wallet"},
    {"MC", 1,  FRENCH,     "fr-MC", "", "amex cartes_bancaires wallet"},
    {"MD", 1,  CYRILLIC,   "ru-MD", "", ""},
    {"MX", 50, SPANISH,    "es-MX", "", "amex visa_virtual wallet carrier_anahuac_mx"},
    {"MY", 8,  INDONESIAN, "ms-MY", "", "amex unionpay wallet carrier_kinabalu_my"},
    {"NL", 17, DUTCH,      "nl-NL", "", "amex maestro wallet carrier_maas_nl"},
    {"NO", 11, SWEDISH,    "nb-NO", "", "amex wallet"},
    {"NZ", 7,  ENGLISH,    "en-NZ", "", "amex visa_prepaid wallet"},
    {"PE", 7,  SPANISH,    "es-PE", "", "amex diners visa_virtual wallet"},
    {"PH", 8,  ENGLISH,    "en-PH", "", "amex jcb wallet carrier_pasig_ph"},
    {"PL", 17, POLISH,     "pl-PL", "", "amex maestro wallet carrier_wisla_pl"},
    {"PT", 8,  PORTUGUESE, "pt-PT", "", "amex visa_virtual wallet carrier_tejo_pt"},
    {"PY", 1,  SPANISH,    "es-PY", "", ""},
    {"RO", 6,  ITALIAN,    "ro-RO", "", "amex maestro wallet"},
    {"RU", 7,  CYRILLIC,   "ru-RU", "", "mir"},
    {"SE", 16, SWEDISH,    "sv-SE", "", "amex wallet"},
    {"SG", 7,  CHINESE,    "zh-SG", "", "amex unionpay wallet carrier_merlion_sg"},
    {"SK", 3,  POLISH,     "sk-SK", "", "amex maestro wallet"},
    {"SM", 1,  ITALIAN,    "it-SM", "", "amex wallet"},
    {"TH", 9,  THAI,       "th-TH", "", "amex jcb unionpay wallet carrier_chao_phraya_th"},
    {"TR", 16, TURKISH,    "tr-TR", "", "amex troy"},
    {"TW", 10, CHINESE,    "zh-TW", "", "amex jcb wallet"},
    {"UA", 4,  CYRILLIC,   "uk-UA", "", "maestro"},
    {"US", 290, ENGLISH,   "en-US", US_REGIONS, "amex discover diners visa_prepaid wallet"},
    {"UY", 2,  SPANISH,    "es-UY", "", "amex diners wallet"},
    {"VE", 2,  SPANISH,    "es-VE", "", ""},
    {"ZA", 8,  ENGLISH,    "en-ZA", "", "amex wallet carrier_protea_za"},
};
const size_t example_places_n = COUNT(example_places);
/* clang-format on */
