//! The pages that explain advice: Markdown by code and language.

use crate::verdict::Lang;

/// Code, English page, Korean page.
macro_rules! pages {
    ($($code:literal)*) => {
        &[$((
            $code,
            include_str!(concat!("../advice/en/", $code, ".md")),
            include_str!(concat!("../advice/ko/", $code, ".md")),
        )),*]
    };
}

static PAGES: &[(&str, &str, &str)] = pages! {
    "PP-1001" "PP-1002" "PP-1003" "PP-1004" "PP-1005" "PP-1006" "PP-1007" "PP-1008"
    "PP-1009" "PP-1010" "PP-1101" "PP-1102" "PP-1103" "PP-1104" "PP-1105" "PP-1106"
    "PP-1107" "PP-1108" "PP-1109" "PP-1110" "PP-1201" "PP-1202" "PP-1203" "PP-1301"
    "PP-1302" "PP-1303" "PP-1304" "PP-1305" "PP-1306" "PP-1307" "PP-1308" "PP-1309"
    "PP-1310" "PP-1311" "PP-1312" "PP-1313" "PP-1314" "PP-1315" "PP-1316" "PP-1317"
    "PP-1401" "PP-1402" "PP-1403" "PP-1404" "PP-1405" "PP-1406" "PP-1407" "PP-1408"
};

/// The page about a code, in any case of its letters.
pub fn page(code: &str, lang: Lang) -> Option<&'static str> {
    let (_, en, ko) = PAGES.iter().find(|(known, _, _)| known.eq_ignore_ascii_case(code))?;
    Some(match lang {
        Lang::En => en,
        Lang::Ko => ko,
    })
}

#[cfg(test)]
mod tests {
    use super::PAGES;

    #[test]
    fn each_code_of_advice_has_its_pages() {
        let pages: Vec<_> = PAGES.iter().map(|(code, _, _)| *code).collect();
        assert_eq!(pages, crate::codes().collect::<Vec<_>>());
    }
}
