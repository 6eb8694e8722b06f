//! One line a check, then one line that counts them. Used by the tasks that run programs;
//! the count is the last line, so that a log's tail says how it went.

use crate::error::Error;

/// Counts checks as they are printed.
#[derive(Default)]
pub(crate) struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    /// Prints one check's line; an error is printed below it.
    pub(crate) fn check(&mut self, name: &str, outcome: Result<(), Error>) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                println!("ok      {name}");
            }
            Err(error) => {
                self.failed += 1;
                println!("FAILED  {name}");
                for line in error.to_string().lines() {
                    println!("        {line}");
                }
            }
        }
    }

    /// Prints the count. A run without any check is a failure: nothing was proved.
    pub(crate) fn finish(self) -> Result<(), Error> {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed > 0 {
            return Err(Error::new(format!("{} of the checks failed", self.failed)));
        }
        if self.passed == 0 {
            return Err(Error::new("no check was run"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_fails_the_run() {
        let mut report = Report::default();
        report.check("good", Ok(()));
        report.check("bad", Err(Error::new("why")));
        assert!(report.finish().is_err());
    }

    #[test]
    fn nothing_run_is_not_success() {
        assert!(Report::default().finish().is_err());
    }

    #[test]
    fn only_good_checks_pass() {
        let mut report = Report::default();
        report.check("good", Ok(()));
        assert!(report.finish().is_ok());
    }
}
