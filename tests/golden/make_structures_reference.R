# The fits of all fourteen covariance structures by mclust that tests compare with, on data beside those of the other mclust14_*.json.
# Run: Rscript make_structures_reference.R, in the folder with the data; it writes mclust14_*.json there, with 17 significant digits.
suppressMessages(library(mclust))

codes <- c("EII", "VII", "EEI", "VEI", "EVI", "VVI", "EEE", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV", "VVV")
control <- emControl(eps = .Machine$double.eps, tol = c(1e-14, 1e-12), itmax = c(20000, 20000))
versions <- sprintf('{"R":"%s","mclust":"%s"}', R.version.string, packageVersion("mclust"))

number <- function(value) if (is.finite(value)) sprintf("%.17g", value) else "null"

# Starts: the groups of k-means, of Ward's tree of standardised columns, of a column of labels, or as many parts of the rows, which are ordered by the sum of their columns.
by.means <- function(x, k) { set.seed(1); kmeans(x, k, nstart = 20, iter.max = 100)$cluster }
by.ward <- function(x, k) cutree(hclust(dist(scale(x)), "ward.D2"), k)
by.label <- function(labels) as.integer(factor(labels, levels = unique(labels)))
by.sum <- function(x, k) as.integer(ceiling(rank(rowSums(x), ties.method = "first") / nrow(x) * k))

# Of one feature mclust has two models: one variance for all components, or one each.
name.of <- function(code, d) if (d > 1) code else substr(code, 1, 1)

write.fits <- function(file, data, columns, scaled, start, how, of = codes) {
  table <- read.csv(paste0(data, ".csv"), check.names = FALSE)
  table <- table[complete.cases(table[columns]), ]
  x <- as.matrix(table[columns])
  if (scaled) x <- scale(x)
  x <- unname(x)
  attributes(x) <- list(dim = dim(x))
  labels <- start(x, table)
  n <- nrow(x); d <- ncol(x); k <- max(labels)
  fits <- sapply(of, function(code) {
    model <- name.of(code, d)
    fit <- suppressWarnings(me(if (d == 1) x[, 1] else x, modelName = model, z = unmap(labels), control = control))
    if (is.null(fit$loglik) || !is.finite(fit$loglik)) return(NA)
    df <- nMclustParams(model, d, k)
    steps <- unlist(attr(fit, "info"))[1]
    if (steps < 0) return(NA) # not converged
    cat(file, code, number(fit$loglik), "\n")
    sprintf('"%s":{"loglik":%s,"df":%d,"bic":%s,"iterations":%d}',
      code, number(fit$loglik), as.integer(df), number(2 * fit$loglik - df * log(n)), as.integer(steps))
  })
  lines <- c(
    sprintf('{"versions":%s,"generator":"make_structures_reference.R / mclust::me","dataset":"%s.csv","rows":"those with all of the columns","scaled":%s,',
      versions, data, tolower(scaled)),
    sprintf('"columns":[%s],"n":%d,"d":%d,"K":%d,', paste0('"', columns, '"', collapse = ","), n, d, k),
    sprintf('"start":"z one-hot of start_labels, %s; first step is an M-step","tolerance":"relative loglik change 1e-14; inner M-step 1e-12",', how),
    sprintf('"start_labels_1based":[%s],', paste(labels, collapse = ",")),
    sprintf('"models":{%s}}', paste(fits[!is.na(fits)], collapse = ",\n")))
  writeLines(lines, paste0("mclust14_", file, ".json"))
}

means <- function(k) function(x, table) by.means(x, k)
ward <- function(k) function(x, table) by.ward(x, k)
sums <- function(k) function(x, table) by.sum(x, k)
label <- function(column) function(x, table) by.label(table[[column]])

measures <- c("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
acids <- c("palmitic", "palmitoleic", "stearic", "oleic", "linoleic", "linolenic", "arachidic", "eicosenoic")
write.fits("penguins", "penguins", measures, FALSE, label("species"), "by species")
write.fits("penguins_k5_scaled", "penguins", measures, TRUE, means(5), "by k-means")
write.fits("olive_oil", "olive_oil", acids, FALSE, label("region"), "by region")
write.fits("olive_oil_k6_scaled", "olive_oil", acids, TRUE, means(6), "by k-means")
write.fits("geyser_k4_scaled", "geyser", c("waiting", "duration"), TRUE, means(4), "by k-means")
write.fits("quakes_k5_scaled", "quakes", c("lat", "long", "depth", "mag", "stations"), TRUE, means(5), "by k-means")
write.fits("xclara", "xclara", c("V1", "V2"), FALSE, means(3), "by k-means")
write.fits("cross_k3", "cross", c("x1", "x2"), FALSE, sums(3), "in the order of the sums of rows")
write.fits("faithful_waiting", "faithful", "waiting", FALSE, sums(2), "in the order of the values")
write.fits("airquality_k2", "airquality", c("Ozone", "Solar.R", "Wind", "Temp"), FALSE, sums(2), "in the order of the sums of rows")

# Common axes, from which EM goes to one maximum or another by the way it takes to them.
axes <- c("EVE", "VVE")
sepals <- c("Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width")
notes <- c("Length", "Left", "Right", "Bottom", "Top", "Diagonal")
write.fits("iris_k4_axes", "iris", sepals, FALSE, ward(4), "by Ward's tree", axes)
write.fits("iris_k6_axes", "iris", sepals, FALSE, means(6), "by k-means", axes)
write.fits("banknote_k3_axes", "banknote", notes, FALSE, ward(3), "by Ward's tree", axes)
write.fits("penguins_k4_axes", "penguins", measures, FALSE, ward(4), "by Ward's tree", axes)
write.fits("olive_oil_k4_axes", "olive_oil", acids, FALSE, ward(4), "by Ward's tree", axes)
