//! "Did you mean".

/// `did you mean …?` when a known word is near, else the words there are.
pub fn did_you_mean<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    near(word, words.iter().copied()).map_or_else(|| known(words), ask)
}

/// The known word that was probably meant.
pub fn near<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let (distance, near) = words
        .into_iter()
        .map(|w| (distance(&lower, &w.to_lowercase()), w))
        .min_by_key(|(distance, _)| *distance)?;
    // One slip in three letters is still the same word.
    let is_near = distance * 3 <= near.len().max(3) && distance < near.len();
    is_near.then_some(near)
}

/// `did you mean …?`
pub fn ask(near: &str) -> String {
    format!("did you mean `{near}`?")
}

/// `known here: …`, in the order given.
pub(crate) fn known<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|w| format!("`{w}`")).collect();
    if words.is_empty() {
        "none is known here".into()
    } else {
        format!("known here: {}", words.join(", "))
    }
}

/// How many letters must be added, dropped, changed or swapped with their
/// neighbour (optimal string alignment). Long words are never near.
fn distance(a: &str, b: &str) -> usize {
    const LONGEST: usize = 64;
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().max(b.len()) > LONGEST {
        return usize::MAX / 4;
    }
    let mut rows = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let same = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (rows[i - 1][j] + 1)
                    .min(rows[i][j - 1] + 1)
                    .min(rows[i - 1][j - 1] + same);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_offered() {
        let words = ["minio", "minkms", "kes", "sidekick"];
        for (word, near) in [
            ("minoi", "minio"),
            ("MinIO", "minio"),
            ("sidekik", "sidekick"),
        ] {
            assert_eq!(did_you_mean(word, words), format!("did you mean `{near}`?"));
            assert_eq!(super::near(word, words), Some(near));
        }
        assert_eq!(near("postgres", words), None);
        assert_eq!(near("didier", ["diderot"]), None);
        assert_eq!(
            did_you_mean("postgres", words),
            "known here: `minio`, `minkms`, `kes`, `sidekick`"
        );
    }
}
