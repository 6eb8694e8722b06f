//! Makes a case that fails smaller while it still fails: without parts of it, then with simpler
//! parts. What the parts are is the case's own business.

use std::ops::Range;

/// How often a smaller case is tried at most: a minute's worth of runs.
const TRIES: usize = 5000;

/// A case that can be made smaller.
pub trait Shrink: Sized {
    /// Parts that can be left out.
    fn parts(&self) -> usize;

    /// The case without these parts.
    #[must_use]
    fn without(&self, parts: Range<usize>) -> Self;

    /// The case with one thing simpler about a part, or about the whole; the most telling first.
    fn simpler(&self, part: Option<usize>) -> Vec<Self>;
}

/// The smallest case found that still fails, and how it fails.
pub fn shrink<T: Shrink, E>(case: T, error: E, fails: impl FnMut(&T) -> Option<E>) -> (T, E) {
    let mut search = Search { case, error, fails, tries: TRIES };
    while search.leave_out() | search.simplify() {}
    (search.case, search.error)
}

struct Search<T, E, F> {
    case: T,
    error: E,
    fails: F,
    tries: usize,
}

impl<T: Shrink, E, F: FnMut(&T) -> Option<E>> Search<T, E, F> {
    /// Takes a candidate that fails, too.
    fn take(&mut self, candidate: T) -> bool {
        if self.tries == 0 {
            return false;
        }
        self.tries -= 1;
        let error = (self.fails)(&candidate);
        let smaller = error.is_some();
        if let Some(error) = error {
            (self.case, self.error) = (candidate, error);
        }
        smaller
    }

    /// Leaves out runs of parts, half of them at first, then ever fewer.
    fn leave_out(&mut self) -> bool {
        let mut any = false;
        let mut size = self.case.parts().div_ceil(2);
        while size > 0 && self.tries > 0 {
            let mut start = 0;
            while start < self.case.parts() {
                let end = (start + size).min(self.case.parts());
                // what follows has moved up when this was left out
                if self.take(self.case.without(start..end)) {
                    any = true;
                } else {
                    start = end;
                }
                if self.tries == 0 {
                    break;
                }
            }
            size /= 2;
        }
        any
    }

    /// Makes each part, and the whole, as simple as it goes.
    fn simplify(&mut self) -> bool {
        let mut any = false;
        for part in [None].into_iter().chain((0..self.case.parts()).map(Some)) {
            while self.tries > 0 && self.case.simpler(part).into_iter().any(|c| self.take(c)) {
                any = true;
            }
        }
        any
    }
}

/// Simpler numbers, the simplest first.
pub(crate) fn simpler_numbers(number: usize) -> impl Iterator<Item = usize> {
    let near = number.checked_sub(1).filter(|near| *near > number / 2);
    [0, number / 2].into_iter().chain(near).filter(move |simpler| *simpler < number)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Shrink for Vec<usize> {
        fn parts(&self) -> usize {
            self.len()
        }

        fn without(&self, parts: Range<usize>) -> Self {
            let mut rest = self.clone();
            rest.drain(parts);
            rest
        }

        fn simpler(&self, part: Option<usize>) -> Vec<Self> {
            let Some(at) = part else { return Vec::new() };
            let numbers = simpler_numbers(self[at]);
            let simpler = numbers.map(|number| {
                let mut case = self.clone();
                case[at] = number;
                case
            });
            simpler.collect()
        }
    }

    #[test]
    fn a_case_shrinks_to_what_matters() {
        let case: Vec<usize> = (0..1000).collect();
        // fails with two numbers above 700 in it
        let fails = |case: &Vec<usize>| {
            let large = case.iter().filter(|number| **number > 700).count();
            (large >= 2).then(|| format!("{large} are large"))
        };
        let error = fails(&case).unwrap_or_default();
        let (small, error) = shrink(case, error, fails);
        assert_eq!((small, &error[..]), (vec![701, 701], "2 are large"));
    }

    #[test]
    fn the_search_has_an_end() {
        let case: Vec<usize> = (0..100_000).collect();
        let mut tries = 0;
        shrink(case, (), |_| {
            tries += 1;
            None
        });
        assert_eq!(tries, TRIES);
    }
}
