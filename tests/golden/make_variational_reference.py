"""Writes variational_*.json beside the data: the steps of scikit-learn's BayesianGaussianMixture from explicit responsibilities.

Run in this folder:  OMP_NUM_THREADS=1 python3 make_variational_reference.py

It calls the estimator's own initialisation, E-step, M-step and lower bound one after the other, because the estimator draws its
responsibilities itself and keeps the last lower bound only. Numbers are written by repr, which keeps every bit of a double.
"""
import csv
import json
import platform

import numpy as np
import scipy
import sklearn
from sklearn.mixture import BayesianGaussianMixture

TYPES = ("full", "tied", "diag", "spherical")
STEPS = 20


def load(file, label, scale):
    with open(file, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    columns = [name for name in rows[0] if name != label]
    values = np.array([[float(row[name]) for name in columns] for row in rows])
    return columns, (values - values.mean(0)) / values.std(0, ddof=1) if scale else values


def slices(values, count):
    """Groups of the same size by rank of the first column; ties in the order of the rows."""
    ranks = np.empty(len(values), dtype=int)
    ranks[np.argsort(values[:, 0], kind="stable")] = np.arange(len(values))
    return ranks * count // len(values)


def prior_covariance(values, kind, factor):
    covariance = factor * np.cov(values.T)
    return {"full": covariance, "tied": covariance, "diag": np.diag(covariance), "spherical": np.diag(covariance).mean()}[kind]


def run(values, labels, kind, weights, own):
    count, dimension = labels.max() + 1, values.shape[1]
    # The first setting is all defaults but for the floor, the second gives every prior.
    settings = dict(reg_covar=0.0) if not own else dict(
        reg_covar=1e-3 * float(np.var(values, axis=0).min()), weight_concentration_prior=2.5, mean_precision_prior=0.05,
        mean_prior=np.median(values, axis=0), degrees_of_freedom_prior=dimension + 2.5, covariance_prior=prior_covariance(values, kind, 0.2))
    mixture = BayesianGaussianMixture(n_components=count, covariance_type=kind, weight_concentration_prior_type=weights, **settings)
    mixture._check_parameters(values)
    mixture._initialize(values, np.eye(count)[labels])
    bounds = []
    for step in range(1, STEPS + 1):
        norm, log_shares = mixture._e_step(values)
        mixture._m_step(values, log_shares)
        bounds.append(float(mixture._compute_lower_bound(log_shares, norm)))
        if step == 1:
            first = parameters(mixture)
    # Sets the weights, covariances and factors that predictions rest on.
    mixture._set_parameters(mixture._get_parameters())
    prior = dict(
        weight_concentration=float(mixture.weight_concentration_prior_), mean_precision=float(mixture.mean_precision_prior_),
        mean=mixture.mean_prior_.tolist(), degrees_of_freedom=float(mixture.degrees_of_freedom_prior_),
        covariance=np.asarray(mixture.covariance_prior_).tolist(), reg_covar=settings["reg_covar"])
    return dict(
        prior=prior, lower_bounds=bounds, after_step_1=first, **parameters(mixture), weights=mixture.weights_.tolist(),
        log_responsibilities_of_first_rows=mixture._estimate_log_prob_resp(values)[1][:20].tolist())


def parameters(mixture):
    concentration = mixture.weight_concentration_
    return dict(
        weight_concentration=[part.tolist() for part in concentration] if isinstance(concentration, tuple) else concentration.tolist(),
        mean_precision=mixture.mean_precision_.tolist(), means=mixture.means_.tolist(),
        degrees_of_freedom=np.asarray(mixture.degrees_of_freedom_).tolist(), covariances=mixture.covariances_.tolist())


def write(name, file, label, count, scale):
    columns, values = load(file, label, scale)
    labels = slices(values, count)
    results = {}
    for weights in ("dirichlet_distribution", "dirichlet_process"):
        for own in (False, True):
            for kind in TYPES:
                results[f"{weights}/{'own' if own else 'default'}/{kind}"] = run(values, labels, kind, weights, own)
    versions = dict(python=platform.python_version(), sklearn=sklearn.__version__, numpy=np.__version__, scipy=scipy.__version__)
    with open(f"variational_{name}.json", "w", encoding="utf-8") as target:
        json.dump(dict(
            generator="make_variational_reference.py", versions=versions, dataset=file, columns=columns, scaled=scale, n=len(values),
            d=values.shape[1], K=count, steps=STEPS, start_labels_0based=labels.tolist(), results=results), target, allow_nan=False)
        target.write("\n")
    print(name, {key: (round(v["lower_bounds"][0], 3), round(v["lower_bounds"][-1], 3), np.round(v["weights"], 3).tolist()) for key, v in results.items()})


if __name__ == "__main__":
    write("iris", "iris.csv", "Species", 5, False)
    write("faithful", "faithful.csv", None, 4, False)
    write("wine_scaled", "wine.csv", "class", 5, True)
    write("diabetes_reaven_miller", "diabetes_reaven_miller.csv", "class", 5, False)
