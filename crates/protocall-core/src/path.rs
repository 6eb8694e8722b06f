//! The path of a call, `/package.Service/Method`: of a method that is known at build time, or one
//! that a proxy was told.

use crate::{Method, Status};
use std::fmt;
use std::sync::Arc;

/// The path of a call; cheap to clone.
#[derive(Clone)]
pub struct Path(Repr);

#[derive(Clone)]
enum Repr {
    Fixed(&'static str),
    Shared(Arc<str>),
}

impl Path {
    /// The path of a method.
    #[must_use]
    pub const fn of(method: &Method) -> Self {
        Self(Repr::Fixed(method.path()))
    }

    /// A path that was known at build time.
    #[must_use]
    pub const fn fixed(path: &'static str) -> Self {
        Self(Repr::Fixed(path))
    }

    /// Any path.
    ///
    /// # Errors
    /// `INTERNAL` when it has not the form `/service/method` or a character that is not printable
    /// ASCII.
    pub fn parse(path: &str) -> Result<Self, Status> {
        let parts = path.strip_prefix('/').and_then(|path| path.split_once('/'));
        match parts {
            Some((service, method))
                if !service.is_empty()
                    && !method.is_empty()
                    && path.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Ok(Self(Repr::Shared(path.into())))
            }
            _ => Err(Status::internal(format!(
                "{path:?} is no path of a call: it is /package.Service/Method"
            ))),
        }
    }

    /// The whole of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Fixed(path) => path,
            Repr::Shared(path) => path,
        }
    }

    /// The full name of the service, such as `example.HelloService`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.parts().0
    }

    /// The method's name, such as `SendMessage`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.as_str().trim_start_matches('/').split_once('/').unwrap_or_default()
    }
}

impl Default for Path {
    /// No path: of what is no call.
    fn default() -> Self {
        Self::fixed("")
    }
}

impl From<&Method> for Path {
    fn from(method: &Method) -> Self {
        Self::of(method)
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Path {}

impl PartialEq<str> for Path {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Path {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_service_and_a_method() {
        let path = Path::parse("/a.B/C").unwrap();
        assert_eq!((path.service(), path.method()), ("a.B", "C"));
        assert_eq!(path, Path::fixed("/a.B/C"));
        for wrong in ["", "/", "a/b", "/a", "//b", "/a/", "/a/b c", "/a/\u{e4}"] {
            assert!(Path::parse(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(Path::default().service(), "");
    }
}
