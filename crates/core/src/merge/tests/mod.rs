mod cases;
mod damage;
mod laws;
mod php;
mod speed;
mod work;

use super::merge_roots;
use crate::codec::tests::{decode, digest_key, root};
use crate::value::{MapKey, Value};

type Variables = Vec<(MapKey, Value)>;

/// The merged variables, after a look at their bytes: they are as if they were written anew.
fn merged(base: Option<&Variables>, ours: &Variables, theirs: &Variables) -> Variables {
    let base = base.map(|base| root(base).0);
    let bytes = merge_roots(&digest_key(), base.as_deref(), &root(ours).0, &root(theirs).0).unwrap();
    let variables = match decode(&bytes).unwrap() {
        Value::Map(entries) => entries,
        Value::List(items) => (0..).map(MapKey::Int).zip(items).collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(root(&variables).0, bytes, "written in another way");
    variables
}
