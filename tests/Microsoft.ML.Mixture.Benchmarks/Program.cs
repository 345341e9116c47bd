using System.Globalization;
using BenchmarkDotNet.Running;
using Microsoft.ML.Mixture.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["workload", string folder, .. string[] names]:
        foreach (string name in names) EngineWorkload.Run(Workload.Load(folder, name));
        return 0;
    case ["fit", string folder, .. string[] names]:
        foreach (string name in names) PipelineFit.Run(Workload.Load(folder, name));
        return 0;
    case ["score", string folder, .. string[] names]:
        foreach (string name in names) PipelineScore.Run(Workload.Load(folder, name));
        return 0;
    case ["predict", string folder, .. string[] names]:
        foreach (string name in names) PipelinePredict.Run(Workload.Load(folder, name));
        return 0;
    case ["peak"]:
        KernelTable.Print();
        return 0;
    case ["growth"]:
        GrowthTable.Print();
        return 0;
    case ["small"]:
        SmallFit.Run();
        return 0;
    case ["small-first", string api]:
        SmallFit.RunFirst(api);
        return 0;
    case ["starts", string folder, .. string[] seeds]:
        StartsTable.Print(folder, seeds is [string count] ? int.Parse(count, CultureInfo.InvariantCulture) : 100);
        return 0;
    case ["holes"]:
        HolesTable.Print();
        return 0;
    case ["search", string path, string dimension, .. string[] scaled]:
        SearchTable.Run(path, int.Parse(dimension, CultureInfo.InvariantCulture), scaled is ["scaled"]);
        return 0;
    case ["tissues", string path]:
        TissueTable.Print(path);
        return 0;
    case ["factors"]:
        FactorTable.Print();
        return 0;
    case ["anomalies", string folder, .. string[] names]:
        AnomalyTable.Print(folder, names);
        return 0;
    case ["kernels", .. string[] options]:
        BenchmarkSwitcher.FromAssembly(typeof(Workload).Assembly).Run(options.Length > 0 ? options : ["--filter", "*"]);
        return 0;
    default:
        Console.Error.WriteLine("""
            Usage:
              workload FOLDER NAME...   seconds per EM iteration of the core, and the mean log-likelihood reached
              fit FOLDER NAME...        seconds of a whole fit through the ML.NET pipeline, with ML.NET's KMeans beside it
              score FOLDER NAME...      seconds to score all rows through the ML.NET pipeline
              predict FOLDER NAME...    microseconds a row through a PredictionEngine, beside one that copies columns
              peak                      operations a second of the kernels beside those of multiply-adds alone
              growth                    seconds per EM iteration against rows, features, components and threads
              small                     seconds of the first small fit of a process, and of a warm fit of iris
              starts FOLDER [SEEDS]     how often the default start finds the best maximum known, and its work beside a plain fit
              holes                     seconds per EM iteration against the share of missing values
              search CSV COLUMNS [scaled]  seconds of a search over 1 to 9 components and all structures, and its table
              tissues CSV               factor analysers on tissue_expression_189x500.csv of tests/golden: seconds, and the tissues found
              factors                   seconds per iteration of factor analysers beside Gaussians, against rows, features and factors
              anomalies FOLDER [NAME...]  areas under the ROC curve of anomaly detection, with ML.NET's RandomizedPca beside it, on csv files in FOLDER
              kernels [OPTIONS]         BenchmarkDotNet on the kernels; the options are its own
            FOLDER holds NAME.json, NAME.x.f64, NAME.w.f64, NAME.mu.f64 and NAME.var.f64; see README.md.
            """);
        return 2;
}
