using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

public sealed partial class GaussianMixtureAnomalyTrainer
{
    internal const double DefaultFalseAlarmRate = AnomalyCalibration.DefaultFalseAlarmRate;

    /// <summary>Options of the <see cref="GaussianMixtureAnomalyTrainer"/>, as used in
    /// <see cref="GaussianMixtureAnomalyCatalog.GaussianMixture(AnomalyDetectionCatalog.AnomalyDetectionTrainers, Options)"/>.</summary>
    public sealed class Options
    {
        private const double DefaultHeldOutFraction = 0.2;

        /// <summary>
        /// The share of ordinary rows that may be called anomalies, above 0 and below 1. The default is 0.01. Where the rows that can be held out are too few for it, or the million that are drawn
        /// from the mixture at most, it is raised: <see cref="AnomalyCalibration.FalseAlarmRate"/> of the transformer's calibration is the rate that was used, and its warnings say so.
        /// </summary>
        public double FalseAlarmRate { get; set; } = DefaultFalseAlarmRate;

        /// <summary>
        /// The share of the training rows, at most 20,000 of them, that is held out from the fit to find the threshold: at least 0 and below 1. Up to half
        /// of the rows are held out where a small <see cref="FalseAlarmRate"/> takes as many that lack no feature. Where there are enough, one more than those held out is a multiple of one over the rate, as 99 or 199 for 1 %, which then is the rate to be expected. With 0 the threshold comes from rows drawn from the
        /// mixture, and allows for its parameters being estimated. Few rows held out give the rate on average over data sets, but hardly in the one at hand:
        /// 100 at a rate of 1 % give 1 %, plus or minus 1 %. Copies of a row are held out together. Anomalies among them count as ordinary, of which a warning tells where they are many. Where ordinary rows are like a Gaussian mixture, 0 is better with some hundred rows. The default is 0.2.
        /// </summary>
        public double HeldOutFraction { get; set; } = DefaultHeldOutFraction;

        /// <summary>
        /// Whether the last of the training rows are held out, where the default, false, draws them at random: for rows that follow each other in time, as readings of a sensor do. Rows at random lie between those that
        /// the fit has seen and are like them, so that later rows raise more alarms than were asked for, which the last rows mend in part; a warning tells where rows that follow each other are alike. It needs a <see cref="HeldOutFraction"/> above 0.
        /// </summary>
        public bool HoldOutLastRows { get; set; }

        /// <summary>
        /// How to fit the mixture, and the names of the columns. The default has <see cref="GaussianMixtureTrainer.Options.NoiseComponent"/> set to true; where the threshold comes from rows drawn from the mixture, noise is left out if the
        /// Gaussians have the lower BIC without it. With
        /// <see cref="GaussianMixtureTrainer.Auto"/> a search of the rows that are not held out chooses the number of components, the structure or both.
        /// </summary>
        public GaussianMixtureTrainer.Options Mixture { get; set; } = new() { NoiseComponent = true };

        internal Options Clone()
        {
            var copy = (Options)MemberwiseClone();
            copy.Mixture = Mixture?.Clone()!;
            return copy;
        }

        internal void Validate()
        {
            ArgumentNullException.ThrowIfNull(Mixture);
            Mixture.Validate();
            MixtureOptions.Check(FalseAlarmRate > 0 && FalseAlarmRate < 1, nameof(FalseAlarmRate), FalseAlarmRate, "above 0 and below 1");
            MixtureOptions.Check(HeldOutFraction >= 0 && HeldOutFraction < 1, nameof(HeldOutFraction), HeldOutFraction, "at least 0 and below 1");
            if (HeldOutFraction > 0 && Mixture.Start is ResponsibilitiesStart)
            {
                throw new ArgumentException(
                    $"The start has an entry for every row, but rows are held out from the fit. Set {nameof(HeldOutFraction)} to 0, or start from parameters or a model, or leave the start out.", nameof(Mixture));
            }
        }
    }
}
